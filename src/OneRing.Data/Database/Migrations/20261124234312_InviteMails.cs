using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OneRing.Data.Database.Migrations
{
    /// <inheritdoc />
    public partial class InviteMails : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropCheckConstraint(
                name: "ck_outbox_mails_kind",
                table: "outbox_mails");

            migrationBuilder.AddCheckConstraint(
                name: "ck_outbox_mails_kind",
                table: "outbox_mails",
                sql: "kind in ('password_reset', 'email_confirmation', 'email_changed', 'invite')");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropCheckConstraint(
                name: "ck_outbox_mails_kind",
                table: "outbox_mails");

            migrationBuilder.AddCheckConstraint(
                name: "ck_outbox_mails_kind",
                table: "outbox_mails",
                sql: "kind in ('password_reset', 'email_confirmation', 'email_changed')");
        }
    }
}
