using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OneRing.Data.Database.Migrations
{
    /// <inheritdoc />
    public partial class Stretches : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropCheckConstraint(
                name: "ck_writer_spans_span",
                table: "writer_spans");

            migrationBuilder.DropCheckConstraint(
                name: "ck_score_spans_span",
                table: "score_spans");

            migrationBuilder.DropCheckConstraint(
                name: "ck_hold_spans_span",
                table: "hold_spans");

            migrationBuilder.DropCheckConstraint(
                name: "ck_draft_spans_span",
                table: "draft_spans");

            migrationBuilder.AddCheckConstraint(
                name: "ck_writer_spans_span",
                table: "writer_spans",
                sql: "span in (1, 8, 32)");

            migrationBuilder.AddCheckConstraint(
                name: "ck_score_spans_span",
                table: "score_spans",
                sql: "span in (1, 8, 32, 1048576)");

            migrationBuilder.AddCheckConstraint(
                name: "ck_hold_spans_span",
                table: "hold_spans",
                sql: "span in (1, 8, 32)");

            migrationBuilder.AddCheckConstraint(
                name: "ck_draft_spans_span",
                table: "draft_spans",
                sql: "span in (1, 8, 32)");

            migrationBuilder.Sql(UncountedEvents.PostgresCountStretches);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                "delete from writer_spans where span = 8; delete from draft_spans where span = 8; delete from hold_spans where span = 8; delete from score_spans where span = 8;");

            migrationBuilder.DropCheckConstraint(
                name: "ck_writer_spans_span",
                table: "writer_spans");

            migrationBuilder.DropCheckConstraint(
                name: "ck_score_spans_span",
                table: "score_spans");

            migrationBuilder.DropCheckConstraint(
                name: "ck_hold_spans_span",
                table: "hold_spans");

            migrationBuilder.DropCheckConstraint(
                name: "ck_draft_spans_span",
                table: "draft_spans");

            migrationBuilder.AddCheckConstraint(
                name: "ck_writer_spans_span",
                table: "writer_spans",
                sql: "span in (1, 32)");

            migrationBuilder.AddCheckConstraint(
                name: "ck_score_spans_span",
                table: "score_spans",
                sql: "span in (1, 32, 1048576)");

            migrationBuilder.AddCheckConstraint(
                name: "ck_hold_spans_span",
                table: "hold_spans",
                sql: "span in (1, 32)");

            migrationBuilder.AddCheckConstraint(
                name: "ck_draft_spans_span",
                table: "draft_spans",
                sql: "span in (1, 32)");
        }
    }
}
