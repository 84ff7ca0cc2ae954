using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OneRing.Data.Database.Migrations
{
    /// <inheritdoc />
    public partial class Presences : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "shows_live",
                table: "draft_collaborators",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateTable(
                name: "presences",
                columns: table => new
                {
                    draft_id = table.Column<Guid>(type: "uuid", nullable: false),
                    user_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    server_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    seen_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_presences", x => new { x.draft_id, x.user_id, x.server_id });
                    table.ForeignKey(
                        name: "fk_presences_drafts_draft_id",
                        column: x => x.draft_id,
                        principalTable: "drafts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_presences_users_user_id",
                        column: x => x.user_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "presences");

            migrationBuilder.DropColumn(
                name: "shows_live",
                table: "draft_collaborators");
        }
    }
}
