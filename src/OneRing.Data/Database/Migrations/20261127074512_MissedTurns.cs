using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OneRing.Data.Database.Migrations
{
    /// <inheritdoc />
    public partial class MissedTurns : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "missed_turns",
                table: "draft_collaborators",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddCheckConstraint(
                name: "ck_draft_collaborators_missed_turns",
                table: "draft_collaborators",
                sql: "missed_turns >= 0");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropCheckConstraint(
                name: "ck_draft_collaborators_missed_turns",
                table: "draft_collaborators");

            migrationBuilder.DropColumn(
                name: "missed_turns",
                table: "draft_collaborators");
        }
    }
}
