"""The ledger's tables, first version."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("at", WHOLE, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("audit_subject", "audit", ["subject"], unique=False)
    op.create_table(
        "blob",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", WHOLE, nullable=False),
        sa.Column(
            "sealed", sa.Integer(), sa.CheckConstraint("sealed IN (0, 1)"), server_default="0", nullable=False
        ),
        sa.Column("kept", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
        sqlite_strict=True,
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("next", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("name"),
        sqlite_strict=True,
    )
    op.create_table(
        "firing",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("occurrence", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", WHOLE, nullable=False),
        sa.Column("due", WHOLE, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("schedule", "occurrence", name="firing_once"),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("firing_at", "firing", ["schedule", "at"], unique=False)
    op.create_table(
        "flow_revision",
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("flow_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("texts", sa.Text(), nullable=False),
        sa.Column("created", WHOLE, nullable=False),
        sa.Column("approved", WHOLE, nullable=True),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("revision"),
        sqlite_strict=True,
    )
    op.create_index("flow_revision_flow", "flow_revision", ["flow_id", "created"], unique=False)
    op.create_table(
        "meta",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        sqlite_strict=True,
    )
    op.create_table(
        "state",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("exact", sa.LargeBinary(), nullable=False),
        sa.Column("updated", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("name"),
        sqlite_strict=True,
    )
    op.create_table(
        "worker",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("pid", WHOLE, nullable=False),
        sa.Column("started", WHOLE, nullable=False),
        sa.Column("seen", WHOLE, nullable=False),
        sa.Column("capabilities", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        sqlite_strict=True,
    )
    op.create_table(
        "run",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("flow_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("inputs_exact", sa.LargeBinary(), nullable=True),
        sa.Column("inputs_shown", sa.Text(), nullable=True),
        sa.Column("outputs_exact", sa.LargeBinary(), nullable=True),
        sa.Column("outputs_shown", sa.Text(), nullable=True),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("replay_of", sa.Text(), nullable=True),
        sa.Column("frozen_now", WHOLE, nullable=False),
        sa.Column("created", WHOLE, nullable=False),
        sa.Column("started", WHOLE, nullable=True),
        sa.Column("ended", WHOLE, nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("failure_id", WHOLE, nullable=True),
        sa.Column("known", sa.Text(), nullable=True),
        sa.Column("schedule", sa.Text(), nullable=True),
        sa.Column("occurrence", sa.Text(), nullable=True),
        sa.Column("due", WHOLE, nullable=True),
        sa.Column("not_before", WHOLE, nullable=True),
        sa.Column("priority", WHOLE, nullable=False),
        sa.Column("max_duration_us", WHOLE, nullable=True),
        sa.Column(
            "pinned", sa.Integer(), sa.CheckConstraint("pinned IN (0, 1)"), server_default="0", nullable=False
        ),
        sa.Column(
            "answered",
            sa.Integer(),
            sa.CheckConstraint("answered IN (0, 1)"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("cancel_asked", WHOLE, nullable=True),
        sa.Column("cancel_by", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("token", WHOLE, server_default="0", nullable=False),
        sa.Column("lease_until", WHOLE, nullable=True),
        sa.Column("lease_boot", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("supervisor_pid", WHOLE, nullable=True),
        sa.Column("supervisor_start", WHOLE, nullable=True),
        sa.Column("child_pid", WHOLE, nullable=True),
        sa.Column("child_start", WHOLE, nullable=True),
        sa.ForeignKeyConstraint(["replay_of"], ["run.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["revision"],
            ["flow_revision.revision"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_index("run_created", "run", ["created"], unique=False)
    op.create_index("run_ended", "run", ["ended"], unique=False)
    op.create_index("run_flow", "run", ["flow_id", "created"], unique=False)
    op.create_index(
        "run_queue",
        "run",
        ["priority", "created"],
        unique=False,
        sqlite_where=sa.text("status = 'queued'"),
        postgresql_where=sa.text("status = 'queued'"),
    )
    op.create_index("run_replay", "run", ["replay_of"], unique=False)
    op.create_index("run_schedule", "run", ["schedule", "created"], unique=False)
    op.create_index("run_status", "run", ["status", "created"], unique=False)
    op.create_table(
        "event",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("item_id", WHOLE, nullable=True),
        sa.Column("step_path", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("at", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("event_run", "event", ["run_id"], unique=False)
    op.create_table(
        "item",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("flow_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("data_exact", sa.LargeBinary(), nullable=True),
        sa.Column("data_shown", sa.Text(), nullable=True),
        sa.Column("data_hash", sa.Text(), nullable=False),
        sa.Column("outputs_exact", sa.LargeBinary(), nullable=True),
        sa.Column("outputs_shown", sa.Text(), nullable=True),
        sa.Column("tries", WHOLE, nullable=False),
        sa.Column("n", WHOLE, nullable=False),
        sa.Column("priority", WHOLE, nullable=False),
        sa.Column("not_before", WHOLE, nullable=True),
        sa.Column("due", WHOLE, nullable=True),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("token", WHOLE, server_default="0", nullable=False),
        sa.Column("failure_id", WHOLE, nullable=True),
        sa.Column("created", WHOLE, nullable=False),
        sa.Column("updated", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("profile", "flow_id", "key", name="item_key"),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("item_run", "item", ["run_id", "status"], unique=False)
    op.create_index("item_status", "item", ["flow_id", "profile", "status"], unique=False)
    op.create_table(
        "run_want",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "kind", "name"),
        sqlite_strict=True,
    )
    op.create_index("run_want_name", "run_want", ["kind", "name"], unique=False)
    op.create_table(
        "artifact",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("item_id", WHOLE, nullable=True),
        sa.Column("step_path", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", WHOLE, nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("created", WHOLE, nullable=False),
        sa.Column("keep_until", WHOLE, nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["sha256"],
            ["blob.sha256"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_index("artifact_blob", "artifact", ["sha256"], unique=False)
    op.create_index("artifact_keep", "artifact", ["keep_until"], unique=False)
    op.create_index("artifact_run", "artifact", ["run_id"], unique=False)
    op.create_table(
        "attempt",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("item_id", WHOLE, nullable=True),
        sa.Column("item_try", WHOLE, nullable=False),
        sa.Column("step_path", sa.Text(), nullable=False),
        sa.Column("step_try", WHOLE, nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("exact", sa.LargeBinary(), nullable=True),
        sa.Column("shown", sa.Text(), nullable=True),
        sa.Column("artifacts", sa.Text(), nullable=True),
        sa.Column("failure_id", WHOLE, nullable=True),
        sa.Column("token", WHOLE, nullable=False),
        sa.Column("started", WHOLE, nullable=False),
        sa.Column("ended", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_index("attempt_run", "attempt", ["run_id", "item_id"], unique=False)
    op.create_table(
        "failure",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("item_id", WHOLE, nullable=True),
        sa.Column("step_path", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("at", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_index("failure_code", "failure", ["code", "at"], unique=False)
    op.create_index("failure_run", "failure", ["run_id", "item_id"], unique=False)
    op.create_table(
        "review",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("item_id", WHOLE, nullable=True),
        sa.Column("step_path", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("question_exact", sa.LargeBinary(), nullable=True),
        sa.Column("question_shown", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("answer_exact", sa.LargeBinary(), nullable=True),
        sa.Column("answer_shown", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("asked", WHOLE, nullable=False),
        sa.Column("answered", WHOLE, nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("review_item", "review", ["item_id"], unique=False)
    op.create_index("review_run", "review", ["run_id"], unique=False)
    op.create_index("review_status", "review", ["status"], unique=False)
    op.create_table(
        "run_item",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("item_id", WHOLE, nullable=False),
        sa.Column("n", WHOLE, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("since", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "item_id"),
        sqlite_strict=True,
    )
    op.create_index("run_item_item", "run_item", ["item_id"], unique=False)
    op.create_table(
        "write",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("flow_id", sa.Text(), nullable=False),
        sa.Column("item_id", WHOLE, nullable=True),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("step_path", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("intent_at", WHOLE, nullable=True),
        sa.Column("settled_at", WHOLE, nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=False),
        sa.Column("result_exact", sa.LargeBinary(), nullable=True),
        sa.Column("result_shown", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["item.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("profile", "what", "key", name="write_key"),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("write_item", "write", ["item_id"], unique=False)
    op.create_index(
        "write_open",
        "write",
        ["item_id"],
        unique=False,
        sqlite_where=sa.text("verdict = 'intended'"),
        postgresql_where=sa.text("verdict = 'intended'"),
    )
    op.create_index("write_run", "write", ["run_id"], unique=False)
    op.create_table(
        "write_step",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("write_id", WHOLE, nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("item_id", WHOLE, nullable=True),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("token", WHOLE, nullable=False),
        sa.Column("at", WHOLE, nullable=False),
        sa.ForeignKeyConstraint(["write_id"], ["write.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("write_step_write", "write_step", ["write_id"], unique=False)
