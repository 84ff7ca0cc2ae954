using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OneRing.Data.Database.Migrations
{
    /// <inheritdoc />
    public partial class RingNudges : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropCheckConstraint(
                name: "ck_outbox_mails_kind",
                table: "outbox_mails");

            migrationBuilder.CreateTable(
                name: "ring_nudges",
                columns: table => new
                {
                    draft_id = table.Column<Guid>(type: "uuid", nullable: false),
                    day = table.Column<DateOnly>(type: "date", nullable: false),
                    turn = table.Column<int>(type: "integer", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    actor_id = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_ring_nudges", x => new { x.draft_id, x.day });
                    table.ForeignKey(
                        name: "fk_ring_nudges_drafts_draft_id",
                        column: x => x.draft_id,
                        principalTable: "drafts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_ring_nudges_users_actor_id",
                        column: x => x.actor_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.AddCheckConstraint(
                name: "ck_outbox_mails_kind",
                table: "outbox_mails",
                sql: "kind in ('password_reset', 'email_confirmation', 'email_changed', 'invite', 'nudge')");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "ring_nudges");

            migrationBuilder.DropCheckConstraint(
                name: "ck_outbox_mails_kind",
                table: "outbox_mails");

            migrationBuilder.AddCheckConstraint(
                name: "ck_outbox_mails_kind",
                table: "outbox_mails",
                sql: "kind in ('password_reset', 'email_confirmation', 'email_changed', 'invite')");
        }
    }
}
