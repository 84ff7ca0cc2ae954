using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OneRing.Data.Database.Migrations
{
    /// <inheritdoc />
    public partial class TurnClock : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "away_since",
                table: "users",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "away_until",
                table: "users",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "time_zone",
                table: "users",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "clock_due_at",
                table: "drafts",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "clock_limit_microseconds",
                table: "drafts",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "clock_started_at",
                table: "drafts",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "clock_step",
                table: "drafts",
                type: "text",
                nullable: false,
                defaultValue: "begun");

            migrationBuilder.AddColumn<int>(
                name: "clock_turn",
                table: "drafts",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "clock_used_microseconds",
                table: "drafts",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<int>(
                name: "excused_misses",
                table: "drafts",
                type: "integer",
                nullable: false,
                defaultValue: 1);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "more_asked_at",
                table: "drafts",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "more_time",
                table: "drafts",
                type: "text",
                nullable: false,
                defaultValue: "none");

            migrationBuilder.AddColumn<string>(
                name: "on_expiry",
                table: "drafts",
                type: "text",
                nullable: false,
                defaultValue: "pass");

            migrationBuilder.AddColumn<int>(
                name: "rest_days",
                table: "drafts",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<TimeOnly>(
                name: "rest_from",
                table: "drafts",
                type: "time without time zone",
                nullable: true);

            migrationBuilder.AddColumn<TimeOnly>(
                name: "rest_to",
                table: "drafts",
                type: "time without time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "strategy",
                table: "drafts",
                type: "text",
                nullable: false,
                defaultValue: "most_inactive");

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "turn_ends_at",
                table: "drafts",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "turn_grace_hours",
                table: "drafts",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "turn_limit_hours",
                table: "drafts",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "away_since",
                table: "draft_collaborators",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "away_until",
                table: "draft_collaborators",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "excused_misses",
                table: "draft_collaborators",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<bool>(
                name: "has_short_turn",
                table: "draft_collaborators",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<int>(
                name: "place",
                table: "draft_collaborators",
                type: "integer",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "notices",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    user_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    kind = table.Column<string>(type: "text", nullable: false),
                    draft_id = table.Column<Guid>(type: "uuid", nullable: false),
                    cause = table.Column<string>(type: "text", nullable: false),
                    actor_id = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    seen_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    mail_due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_notices", x => x.id);
                    table.CheckConstraint("ck_notices_cause_length", "length(cause) between 1 and 100");
                    table.CheckConstraint("ck_notices_kind", "kind in ('your_turn', 'reminder', 'turn_over', 'asked', 'nudged', 'more_time', 'invited', 'completed')");
                    table.ForeignKey(
                        name: "fk_notices_drafts_draft_id",
                        column: x => x.draft_id,
                        principalTable: "drafts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_notices_users_user_id",
                        column: x => x.user_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "ring_wishes",
                columns: table => new
                {
                    draft_id = table.Column<Guid>(type: "uuid", nullable: false),
                    turn = table.Column<int>(type: "integer", nullable: false),
                    user_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    note = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_ring_wishes", x => new { x.draft_id, x.turn, x.user_id });
                    table.CheckConstraint("ck_ring_wishes_note_length", "length(note) between 1 and 500");
                    table.ForeignKey(
                        name: "fk_ring_wishes_drafts_draft_id",
                        column: x => x.draft_id,
                        principalTable: "drafts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_ring_wishes_users_user_id",
                        column: x => x.user_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.AddCheckConstraint(
                name: "ck_users_away",
                table: "users",
                sql: "(away_since is null) = (away_until is null) and (away_until is null or away_until > away_since)");

            migrationBuilder.CreateIndex(
                name: "ix_drafts_clock_due_at",
                table: "drafts",
                column: "clock_due_at",
                filter: "clock_due_at IS NOT NULL");

            migrationBuilder.AddCheckConstraint(
                name: "ck_drafts_clock_step",
                table: "drafts",
                sql: "clock_step in ('begun', 'half_told', 'nearly_told', 'grace', 'over')");

            migrationBuilder.AddCheckConstraint(
                name: "ck_drafts_excused_misses",
                table: "drafts",
                sql: "excused_misses between 0 and 10");

            migrationBuilder.AddCheckConstraint(
                name: "ck_drafts_more_time",
                table: "drafts",
                sql: "more_time in ('none', 'asked', 'granted', 'refused')");

            migrationBuilder.AddCheckConstraint(
                name: "ck_drafts_on_expiry",
                table: "drafts",
                sql: "on_expiry in ('pass', 'reclaim', 'remind')");

            migrationBuilder.AddCheckConstraint(
                name: "ck_drafts_rest",
                table: "drafts",
                sql: "rest_days between 0 and 126 and (rest_from is null) = (rest_to is null)");

            migrationBuilder.AddCheckConstraint(
                name: "ck_drafts_strategy",
                table: "drafts",
                sql: "strategy in ('most_inactive', 'round_robin', 'back_to_creator')");

            migrationBuilder.AddCheckConstraint(
                name: "ck_drafts_turn_grace_hours",
                table: "drafts",
                sql: "turn_grace_hours between 0 and 168");

            migrationBuilder.AddCheckConstraint(
                name: "ck_drafts_turn_limit_hours",
                table: "drafts",
                sql: "turn_limit_hours between 1 and 720");

            migrationBuilder.AddCheckConstraint(
                name: "ck_draft_collaborators_away",
                table: "draft_collaborators",
                sql: "(away_since is null) = (away_until is null) and (away_until is null or away_until > away_since)");

            migrationBuilder.AddCheckConstraint(
                name: "ck_draft_collaborators_excused_misses",
                table: "draft_collaborators",
                sql: "excused_misses >= 0");

            migrationBuilder.CreateIndex(
                name: "ix_notices_draft_id_user_id_kind_cause",
                table: "notices",
                columns: new[] { "draft_id", "user_id", "kind", "cause" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_notices_mail_due_at",
                table: "notices",
                column: "mail_due_at",
                filter: "mail_due_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_notices_user_id_at",
                table: "notices",
                columns: new[] { "user_id", "at" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "notices");

            migrationBuilder.DropTable(
                name: "ring_wishes");

            migrationBuilder.DropCheckConstraint(
                name: "ck_users_away",
                table: "users");

            migrationBuilder.DropIndex(
                name: "ix_drafts_clock_due_at",
                table: "drafts");

            migrationBuilder.DropCheckConstraint(
                name: "ck_drafts_clock_step",
                table: "drafts");

            migrationBuilder.DropCheckConstraint(
                name: "ck_drafts_excused_misses",
                table: "drafts");

            migrationBuilder.DropCheckConstraint(
                name: "ck_drafts_more_time",
                table: "drafts");

            migrationBuilder.DropCheckConstraint(
                name: "ck_drafts_on_expiry",
                table: "drafts");

            migrationBuilder.DropCheckConstraint(
                name: "ck_drafts_rest",
                table: "drafts");

            migrationBuilder.DropCheckConstraint(
                name: "ck_drafts_strategy",
                table: "drafts");

            migrationBuilder.DropCheckConstraint(
                name: "ck_drafts_turn_grace_hours",
                table: "drafts");

            migrationBuilder.DropCheckConstraint(
                name: "ck_drafts_turn_limit_hours",
                table: "drafts");

            migrationBuilder.DropCheckConstraint(
                name: "ck_draft_collaborators_away",
                table: "draft_collaborators");

            migrationBuilder.DropCheckConstraint(
                name: "ck_draft_collaborators_excused_misses",
                table: "draft_collaborators");

            migrationBuilder.DropColumn(
                name: "away_since",
                table: "users");

            migrationBuilder.DropColumn(
                name: "away_until",
                table: "users");

            migrationBuilder.DropColumn(
                name: "time_zone",
                table: "users");

            migrationBuilder.DropColumn(
                name: "clock_due_at",
                table: "drafts");

            migrationBuilder.DropColumn(
                name: "clock_limit_microseconds",
                table: "drafts");

            migrationBuilder.DropColumn(
                name: "clock_started_at",
                table: "drafts");

            migrationBuilder.DropColumn(
                name: "clock_step",
                table: "drafts");

            migrationBuilder.DropColumn(
                name: "clock_turn",
                table: "drafts");

            migrationBuilder.DropColumn(
                name: "clock_used_microseconds",
                table: "drafts");

            migrationBuilder.DropColumn(
                name: "excused_misses",
                table: "drafts");

            migrationBuilder.DropColumn(
                name: "more_asked_at",
                table: "drafts");

            migrationBuilder.DropColumn(
                name: "more_time",
                table: "drafts");

            migrationBuilder.DropColumn(
                name: "on_expiry",
                table: "drafts");

            migrationBuilder.DropColumn(
                name: "rest_days",
                table: "drafts");

            migrationBuilder.DropColumn(
                name: "rest_from",
                table: "drafts");

            migrationBuilder.DropColumn(
                name: "rest_to",
                table: "drafts");

            migrationBuilder.DropColumn(
                name: "strategy",
                table: "drafts");

            migrationBuilder.DropColumn(
                name: "turn_ends_at",
                table: "drafts");

            migrationBuilder.DropColumn(
                name: "turn_grace_hours",
                table: "drafts");

            migrationBuilder.DropColumn(
                name: "turn_limit_hours",
                table: "drafts");

            migrationBuilder.DropColumn(
                name: "away_since",
                table: "draft_collaborators");

            migrationBuilder.DropColumn(
                name: "away_until",
                table: "draft_collaborators");

            migrationBuilder.DropColumn(
                name: "excused_misses",
                table: "draft_collaborators");

            migrationBuilder.DropColumn(
                name: "has_short_turn",
                table: "draft_collaborators");

            migrationBuilder.DropColumn(
                name: "place",
                table: "draft_collaborators");
        }
    }
}
