using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OneRing.Data.Database.Migrations
{
    /// <inheritdoc />
    public partial class Slots : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_ring_holds_holder_id_ended_at",
                table: "ring_holds");

            migrationBuilder.CreateTable(
                name: "activity_hours",
                columns: table => new
                {
                    hour = table.Column<int>(type: "integer", nullable: false),
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
                    table.PrimaryKey("pk_activity_hours", x => new { x.hour, x.platform });
                    table.CheckConstraint("ck_activity_hours_platform", "platform in ('story', 'x', 'instagram', 'tiktok', 'youtube')");
                });

            migrationBuilder.CreateTable(
                name: "draft_slots",
                columns: table => new
                {
                    slot = table.Column<int>(type: "integer", nullable: false),
                    draft_id = table.Column<Guid>(type: "uuid", nullable: false),
                    segments = table.Column<int>(type: "integer", nullable: false),
                    words = table.Column<long>(type: "bigint", nullable: false),
                    passes = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_draft_slots", x => new { x.slot, x.draft_id });
                });

            migrationBuilder.CreateTable(
                name: "pass_slots",
                columns: table => new
                {
                    slot = table.Column<int>(type: "integer", nullable: false),
                    platform = table.Column<string>(type: "text", nullable: false),
                    chosen = table.Column<string>(type: "text", nullable: false),
                    passes = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_pass_slots", x => new { x.slot, x.platform, x.chosen });
                    table.CheckConstraint("ck_pass_slots_chosen", "chosen in ('manual', 'most_inactive', 'round_robin', 'back_to_creator', 'returned', 'reclaimed', 'expired')");
                    table.CheckConstraint("ck_pass_slots_platform", "platform in ('story', 'x', 'instagram', 'tiktok', 'youtube')");
                });

            migrationBuilder.CreateTable(
                name: "writer_slots",
                columns: table => new
                {
                    slot = table.Column<int>(type: "integer", nullable: false),
                    user_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    platform = table.Column<string>(type: "text", nullable: false),
                    segments = table.Column<int>(type: "integer", nullable: false),
                    words = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_writer_slots", x => new { x.slot, x.user_id, x.platform });
                    table.CheckConstraint("ck_writer_slots_platform", "platform in ('story', 'x', 'instagram', 'tiktok', 'youtube')");
                });

            migrationBuilder.Sql(UncountedEvents.PostgresCountSlots);

            migrationBuilder.CreateIndex(
                name: "ix_ring_holds_holder_id_ended_at_microseconds",
                table: "ring_holds",
                columns: new[] { "holder_id", "ended_at", "microseconds" });

            migrationBuilder.CreateIndex(
                name: "ix_writer_slots_user_id_slot_segments_words",
                table: "writer_slots",
                columns: new[] { "user_id", "slot", "segments", "words" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "activity_hours");

            migrationBuilder.DropTable(
                name: "draft_slots");

            migrationBuilder.DropTable(
                name: "pass_slots");

            migrationBuilder.DropTable(
                name: "writer_slots");

            migrationBuilder.DropIndex(
                name: "ix_ring_holds_holder_id_ended_at_microseconds",
                table: "ring_holds");

            migrationBuilder.CreateIndex(
                name: "ix_ring_holds_holder_id_ended_at",
                table: "ring_holds",
                columns: new[] { "holder_id", "ended_at" });
        }
    }
}
