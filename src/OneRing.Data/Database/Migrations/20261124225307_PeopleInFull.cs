using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace OneRing.Data.Database.Migrations
{
    /// <inheritdoc />
    public partial class PeopleInFull : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "bio",
                table: "users",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "deleted_at",
                table: "users",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "access_tokens",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    user_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    name = table.Column<string>(type: "text", nullable: false),
                    token_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    last_used_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    revoked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_access_tokens", x => x.id);
                    table.CheckConstraint("ck_access_tokens_expires_at", "expires_at > created_at");
                    table.CheckConstraint("ck_access_tokens_name_length", "length(name) between 1 and 60");
                    table.CheckConstraint("ck_access_tokens_token_hash_length", "length(token_hash) = 32");
                    table.ForeignKey(
                        name: "fk_access_tokens_users_user_id",
                        column: x => x.user_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "invites",
                columns: table => new
                {
                    draft_id = table.Column<Guid>(type: "uuid", nullable: false),
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    role = table.Column<string>(type: "text", nullable: false),
                    recipient_id = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    token_hash = table.Column<byte[]>(type: "bytea", nullable: true),
                    state = table.Column<string>(type: "text", nullable: false),
                    created_by = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    sent_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    max_uses = table.Column<int>(type: "integer", nullable: false),
                    uses = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_invites", x => new { x.draft_id, x.id });
                    table.CheckConstraint("ck_invites_addressee", "(recipient_id is null) <> (token_hash is null) and (recipient_id is null or max_uses = 1)");
                    table.CheckConstraint("ck_invites_role", "role in ('writer', 'reader')");
                    table.CheckConstraint("ck_invites_state", "state in ('pending', 'accepted', 'declined', 'revoked')");
                    table.CheckConstraint("ck_invites_times", "created_at <= sent_at and sent_at < expires_at");
                    table.CheckConstraint("ck_invites_token_hash_length", "length(token_hash) = 32");
                    table.CheckConstraint("ck_invites_uses", "max_uses between 1 and 1000 and uses between 0 and max_uses and (state = 'accepted') = (uses = max_uses)");
                    table.ForeignKey(
                        name: "fk_invites_drafts_draft_id",
                        column: x => x.draft_id,
                        principalTable: "drafts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_invites_users_created_by",
                        column: x => x.created_by,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "fk_invites_users_recipient_id",
                        column: x => x.recipient_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "outbox_mails",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    kind = table.Column<string>(type: "text", nullable: false),
                    user_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    address = table.Column<string>(type: "text", nullable: true),
                    parameters = table.Column<string>(type: "jsonb", nullable: false),
                    base_url = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    sent_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    attempts = table.Column<int>(type: "integer", nullable: false),
                    next_attempt_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    last_error = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_outbox_mails", x => x.id);
                    table.CheckConstraint("ck_outbox_mails_address_length", "length(address) between 3 and 254");
                    table.CheckConstraint("ck_outbox_mails_attempts", "attempts >= 0");
                    table.CheckConstraint("ck_outbox_mails_kind", "kind in ('password_reset', 'email_confirmation', 'email_changed')");
                    table.CheckConstraint("ck_outbox_mails_sent", "sent_at is null or next_attempt_at is null");
                    table.ForeignKey(
                        name: "fk_outbox_mails_users_user_id",
                        column: x => x.user_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "public_links",
                columns: table => new
                {
                    draft_id = table.Column<Guid>(type: "uuid", nullable: false),
                    token_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    protected_token = table.Column<string>(type: "text", nullable: false),
                    created_by = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_public_links", x => x.draft_id);
                    table.CheckConstraint("ck_public_links_token_hash_length", "length(token_hash) = 32");
                    table.ForeignKey(
                        name: "fk_public_links_drafts_draft_id",
                        column: x => x.draft_id,
                        principalTable: "drafts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_public_links_users_created_by",
                        column: x => x.created_by,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "public_views",
                columns: table => new
                {
                    draft_id = table.Column<Guid>(type: "uuid", nullable: false),
                    day = table.Column<DateOnly>(type: "date", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_public_views", x => new { x.draft_id, x.day });
                    table.ForeignKey(
                        name: "fk_public_views_drafts_draft_id",
                        column: x => x.draft_id,
                        principalTable: "drafts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "invite_uses",
                columns: table => new
                {
                    draft_id = table.Column<Guid>(type: "uuid", nullable: false),
                    invite_id = table.Column<Guid>(type: "uuid", nullable: false),
                    user_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    accepted_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_invite_uses", x => new { x.draft_id, x.invite_id, x.user_id });
                    table.ForeignKey(
                        name: "fk_invite_uses_invites_draft_id_invite_id",
                        columns: x => new { x.draft_id, x.invite_id },
                        principalTable: "invites",
                        principalColumns: new[] { "draft_id", "id" },
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_invite_uses_users_user_id",
                        column: x => x.user_id,
                        principalTable: "users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.AddCheckConstraint(
                name: "ck_users_bio_length",
                table: "users",
                sql: "length(bio) between 1 and 300");

            migrationBuilder.AddCheckConstraint(
                name: "ck_users_deleted",
                table: "users",
                sql: "deleted_at is null or (disabled_at is not null and email is null and password_hash is null and bio is null)");

            migrationBuilder.CreateIndex(
                name: "ix_access_tokens_token_hash",
                table: "access_tokens",
                column: "token_hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_access_tokens_user_id",
                table: "access_tokens",
                column: "user_id");

            migrationBuilder.CreateIndex(
                name: "ix_invites_created_by_created_at",
                table: "invites",
                columns: new[] { "created_by", "created_at" });

            migrationBuilder.CreateIndex(
                name: "ix_invites_id",
                table: "invites",
                column: "id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_invites_recipient_id",
                table: "invites",
                column: "recipient_id",
                filter: "recipient_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_outbox_mails_next_attempt_at",
                table: "outbox_mails",
                column: "next_attempt_at",
                filter: "next_attempt_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_outbox_mails_user_id_created_at",
                table: "outbox_mails",
                columns: new[] { "user_id", "created_at" });

            migrationBuilder.CreateIndex(
                name: "ix_public_links_token_hash",
                table: "public_links",
                column: "token_hash",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "access_tokens");

            migrationBuilder.DropTable(
                name: "invite_uses");

            migrationBuilder.DropTable(
                name: "outbox_mails");

            migrationBuilder.DropTable(
                name: "public_links");

            migrationBuilder.DropTable(
                name: "public_views");

            migrationBuilder.DropTable(
                name: "invites");

            migrationBuilder.DropCheckConstraint(
                name: "ck_users_bio_length",
                table: "users");

            migrationBuilder.DropCheckConstraint(
                name: "ck_users_deleted",
                table: "users");

            migrationBuilder.DropColumn(
                name: "bio",
                table: "users");

            migrationBuilder.DropColumn(
                name: "deleted_at",
                table: "users");
        }
    }
}
