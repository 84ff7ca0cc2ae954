using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OneRing.Data.Database.Migrations
{
    /// <inheritdoc />
    public partial class WorkingTexts : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "working_texts",
                columns: table => new
                {
                    draft_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    user_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    content = table.Column<string>(type: "text", nullable: false),
                    words = table.Column<int>(type: "integer", nullable: false),
                    revision = table.Column<int>(type: "integer", nullable: false),
                    page = table.Column<string>(type: "text", nullable: false),
                    saved_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    parked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    parked_because = table.Column<string>(type: "text", nullable: true),
                    draft_title = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_working_texts", x => new { x.draft_id, x.id });
                    table.CheckConstraint("ck_working_texts_content_length", "length(content) between 0 and 2000000");
                    table.CheckConstraint("ck_working_texts_page_length", "length(page) between 0 and 100");
                    table.CheckConstraint("ck_working_texts_parked", "(parked_at is null) = (parked_because is null)");
                    table.CheckConstraint("ck_working_texts_parked_because", "parked_because in ('stale_turn', 'ring_gone', 'locked', 'completed', 'archived', 'deleted', 'role_changed', 'removed', 'replaced')");
                    table.CheckConstraint("ck_working_texts_revision", "revision >= 1");
                    table.CheckConstraint("ck_working_texts_words", "words >= 0");
                    table.ForeignKey(
                        name: "fk_working_texts_users_user_id",
                        column: x => x.user_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_working_texts_draft_id_user_id",
                table: "working_texts",
                columns: new[] { "draft_id", "user_id" },
                unique: true,
                filter: "parked_at IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_working_texts_user_id_parked_at",
                table: "working_texts",
                columns: new[] { "user_id", "parked_at" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "working_texts");
        }
    }
}
