using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OneRing.Data.Database.Migrations
{
    /// <inheritdoc />
    public partial class NoticeSettings : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropCheckConstraint(
                name: "ck_outbox_mails_kind",
                table: "outbox_mails");

            migrationBuilder.AddColumn<bool>(
                name: "mutes_notices",
                table: "draft_collaborators",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateTable(
                name: "notice_settings",
                columns: table => new
                {
                    user_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    kinds_off = table.Column<string>(type: "text", nullable: false),
                    digest_hour = table.Column<int>(type: "integer", nullable: true),
                    quiet_from = table.Column<TimeOnly>(type: "time without time zone", nullable: true),
                    quiet_to = table.Column<TimeOnly>(type: "time without time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_notice_settings", x => x.user_id);
                    table.CheckConstraint("ck_notice_settings_digest_hour", "digest_hour between 0 and 23");
                    table.CheckConstraint("ck_notice_settings_quiet", "(quiet_from is null) = (quiet_to is null)");
                    table.ForeignKey(
                        name: "fk_notice_settings_users_user_id",
                        column: x => x.user_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.AddCheckConstraint(
                name: "ck_outbox_mails_kind",
                table: "outbox_mails",
                sql: "kind in ('password_reset', 'email_confirmation', 'email_changed', 'invite', 'nudge', 'notice', 'digest')");

            // What happened before anybody could choose is not mailed all at once now.
            migrationBuilder.Sql("update notices set mail_due_at = null where mail_due_at is not null");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "notice_settings");

            migrationBuilder.DropCheckConstraint(
                name: "ck_outbox_mails_kind",
                table: "outbox_mails");

            migrationBuilder.DropColumn(
                name: "mutes_notices",
                table: "draft_collaborators");

            migrationBuilder.AddCheckConstraint(
                name: "ck_outbox_mails_kind",
                table: "outbox_mails",
                sql: "kind in ('password_reset', 'email_confirmation', 'email_changed', 'invite', 'nudge')");
        }
    }
}
