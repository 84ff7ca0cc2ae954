using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OneRing.Data.Database.Migrations
{
    /// <inheritdoc />
    public partial class Rollups : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "activity_slots",
                columns: table => new
                {
                    slot = table.Column<int>(type: "integer", nullable: false),
                    platform = table.Column<string>(type: "text", nullable: false),
                    drafts = table.Column<int>(type: "integer", nullable: false),
                    segments = table.Column<int>(type: "integer", nullable: false),
                    words = table.Column<long>(type: "bigint", nullable: false),
                    passes = table.Column<int>(type: "integer", nullable: false),
                    automatic_passes = table.Column<int>(type: "integer", nullable: false),
                    completed = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_activity_slots", x => new { x.slot, x.platform });
                    table.CheckConstraint("ck_activity_slots_platform", "platform in ('story', 'x', 'instagram', 'tiktok', 'youtube')");
                });

            migrationBuilder.CreateTable(
                name: "counted_drafts",
                columns: table => new
                {
                    draft_id = table.Column<Guid>(type: "uuid", nullable: false),
                    platform = table.Column<string>(type: "text", nullable: false),
                    creator_id = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    completed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_counted_drafts", x => x.draft_id);
                    table.CheckConstraint("ck_counted_drafts_platform", "platform in ('story', 'x', 'instagram', 'tiktok', 'youtube')");
                });

            migrationBuilder.CreateTable(
                name: "draft_spans",
                columns: table => new
                {
                    span = table.Column<int>(type: "integer", nullable: false),
                    start = table.Column<int>(type: "integer", nullable: false),
                    draft_id = table.Column<Guid>(type: "uuid", nullable: false),
                    segments = table.Column<int>(type: "integer", nullable: false),
                    words = table.Column<long>(type: "bigint", nullable: false),
                    passes = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_draft_spans", x => new { x.span, x.start, x.draft_id });
                    table.CheckConstraint("ck_draft_spans_span", "span in (1, 32)");
                });

            migrationBuilder.CreateTable(
                name: "draft_writers",
                columns: table => new
                {
                    draft_id = table.Column<Guid>(type: "uuid", nullable: false),
                    user_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    first_segment_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    segments = table.Column<int>(type: "integer", nullable: false),
                    words = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_draft_writers", x => new { x.draft_id, x.user_id });
                });

            migrationBuilder.CreateTable(
                name: "hold_spans",
                columns: table => new
                {
                    span = table.Column<int>(type: "integer", nullable: false),
                    start = table.Column<int>(type: "integer", nullable: false),
                    platform = table.Column<string>(type: "text", nullable: false),
                    bucket = table.Column<int>(type: "integer", nullable: false),
                    holds = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_hold_spans", x => new { x.span, x.start, x.platform, x.bucket });
                    table.CheckConstraint("ck_hold_spans_platform", "platform in ('story', 'x', 'instagram', 'tiktok', 'youtube')");
                    table.CheckConstraint("ck_hold_spans_span", "span in (1, 32)");
                });

            migrationBuilder.CreateTable(
                name: "pass_days",
                columns: table => new
                {
                    day = table.Column<int>(type: "integer", nullable: false),
                    platform = table.Column<string>(type: "text", nullable: false),
                    chosen = table.Column<string>(type: "text", nullable: false),
                    passes = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_pass_days", x => new { x.day, x.platform, x.chosen });
                    table.CheckConstraint("ck_pass_days_chosen", "chosen in ('manual', 'most_inactive', 'round_robin', 'back_to_creator', 'returned', 'reclaimed', 'expired')");
                    table.CheckConstraint("ck_pass_days_platform", "platform in ('story', 'x', 'instagram', 'tiktok', 'youtube')");
                });

            migrationBuilder.CreateTable(
                name: "ring_holds",
                columns: table => new
                {
                    draft_id = table.Column<Guid>(type: "uuid", nullable: false),
                    turn = table.Column<int>(type: "integer", nullable: false),
                    platform = table.Column<string>(type: "text", nullable: false),
                    holder_id = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    received_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    passed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    microseconds = table.Column<long>(type: "bigint", nullable: true),
                    bucket = table.Column<int>(type: "integer", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_ring_holds", x => new { x.draft_id, x.turn });
                    table.CheckConstraint("ck_ring_holds_platform", "platform in ('story', 'x', 'instagram', 'tiktok', 'youtube')");
                });

            migrationBuilder.CreateTable(
                name: "uncounted_events",
                columns: table => new
                {
                    occurred_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    event_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_uncounted_events", x => new { x.occurred_at, x.event_id });
                });

            migrationBuilder.CreateTable(
                name: "writer_spans",
                columns: table => new
                {
                    span = table.Column<int>(type: "integer", nullable: false),
                    start = table.Column<int>(type: "integer", nullable: false),
                    user_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    platform = table.Column<string>(type: "text", nullable: false),
                    segments = table.Column<int>(type: "integer", nullable: false),
                    words = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_writer_spans", x => new { x.span, x.start, x.user_id, x.platform });
                    table.CheckConstraint("ck_writer_spans_platform", "platform in ('story', 'x', 'instagram', 'tiktok', 'youtube')");
                    table.CheckConstraint("ck_writer_spans_span", "span in (1, 32)");
                });

            migrationBuilder.CreateIndex(
                name: "ix_counted_drafts_created_at",
                table: "counted_drafts",
                column: "created_at");

            migrationBuilder.CreateIndex(
                name: "ix_ring_holds_bucket_ended_at_platform_microseconds",
                table: "ring_holds",
                columns: new[] { "bucket", "ended_at", "platform", "microseconds" });

            migrationBuilder.CreateIndex(
                name: "ix_ring_holds_ended_at_platform_bucket",
                table: "ring_holds",
                columns: new[] { "ended_at", "platform", "bucket" });

            migrationBuilder.Sql(UncountedEvents.PostgresUp);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(UncountedEvents.PostgresDown);

            migrationBuilder.DropTable(
                name: "activity_slots");

            migrationBuilder.DropTable(
                name: "counted_drafts");

            migrationBuilder.DropTable(
                name: "draft_spans");

            migrationBuilder.DropTable(
                name: "draft_writers");

            migrationBuilder.DropTable(
                name: "hold_spans");

            migrationBuilder.DropTable(
                name: "pass_days");

            migrationBuilder.DropTable(
                name: "ring_holds");

            migrationBuilder.DropTable(
                name: "uncounted_events");

            migrationBuilder.DropTable(
                name: "writer_spans");
        }
    }
}
