using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OneRing.Data.Database.Migrations
{
    /// <inheritdoc />
    public partial class DayParts : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "draft_parts",
                columns: table => new
                {
                    part = table.Column<int>(type: "integer", nullable: false),
                    draft_id = table.Column<Guid>(type: "uuid", nullable: false),
                    segments = table.Column<int>(type: "integer", nullable: false),
                    words = table.Column<long>(type: "bigint", nullable: false),
                    passes = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_draft_parts", x => new { x.part, x.draft_id });
                });

            migrationBuilder.CreateTable(
                name: "writer_parts",
                columns: table => new
                {
                    part = table.Column<int>(type: "integer", nullable: false),
                    user_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    platform = table.Column<string>(type: "text", nullable: false),
                    segments = table.Column<int>(type: "integer", nullable: false),
                    words = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_writer_parts", x => new { x.part, x.user_id, x.platform });
                    table.CheckConstraint("ck_writer_parts_platform", "platform in ('story', 'x', 'instagram', 'tiktok', 'youtube')");
                });

            migrationBuilder.Sql(UncountedEvents.PostgresCountParts);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "draft_parts");

            migrationBuilder.DropTable(
                name: "writer_parts");
        }
    }
}
