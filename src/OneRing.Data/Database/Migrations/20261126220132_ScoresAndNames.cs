using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OneRing.Data.Database.Migrations
{
    /// <inheritdoc />
    public partial class ScoresAndNames : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "prefers_no_name",
                table: "users",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "contributed_at",
                table: "draft_writers",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "score_spans",
                columns: table => new
                {
                    span = table.Column<int>(type: "integer", nullable: false),
                    start = table.Column<int>(type: "integer", nullable: false),
                    user_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    segments = table.Column<int>(type: "integer", nullable: false),
                    rings_received = table.Column<int>(type: "integer", nullable: false),
                    drafts = table.Column<int>(type: "integer", nullable: false),
                    contributed_drafts = table.Column<int>(type: "integer", nullable: false),
                    momentum = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_score_spans", x => new { x.span, x.start, x.user_id });
                    table.CheckConstraint("ck_score_spans_span", "span in (1, 32, 1048576)");
                });

            migrationBuilder.CreateIndex(
                name: "ix_ring_holds_holder_id_ended_at",
                table: "ring_holds",
                columns: new[] { "holder_id", "ended_at" });

            migrationBuilder.CreateIndex(
                name: "ix_draft_writers_contributed_at",
                table: "draft_writers",
                column: "contributed_at",
                filter: "contributed_at IS NOT NULL");

            migrationBuilder.Sql(UncountedEvents.PostgresCountScores);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "score_spans");

            migrationBuilder.DropIndex(
                name: "ix_ring_holds_holder_id_ended_at",
                table: "ring_holds");

            migrationBuilder.DropIndex(
                name: "ix_draft_writers_contributed_at",
                table: "draft_writers");

            migrationBuilder.DropColumn(
                name: "prefers_no_name",
                table: "users");

            migrationBuilder.DropColumn(
                name: "contributed_at",
                table: "draft_writers");
        }
    }
}
