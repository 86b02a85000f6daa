PRAGMA auto_vacuum=INCREMENTAL;
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0004');
CREATE TABLE artifact (
	id INTEGER NOT NULL, 
	run_id TEXT NOT NULL, 
	item_id INTEGER, 
	step_path TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	name TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	size INTEGER NOT NULL, 
	media_type TEXT NOT NULL, 
	created INTEGER NOT NULL, 
	keep_until INTEGER, 
	PRIMARY KEY (id), 
	FOREIGN KEY(item_id) REFERENCES item (id) ON DELETE CASCADE, 
	FOREIGN KEY(run_id) REFERENCES run (id) ON DELETE CASCADE, 
	FOREIGN KEY(sha256) REFERENCES blob (sha256)
)
 STRICT

;
INSERT INTO "artifact" VALUES(3,'r-20261121-7000aa',1,'p','html','p','3660315a9af3df255d8f19ab077e4797822b41488a0e2a04bc6af71213c23274',4,'text/html',1795244400000000,NULL);
CREATE TABLE attempt (
	id INTEGER NOT NULL, 
	run_id TEXT NOT NULL, 
	item_id INTEGER, 
	item_try INTEGER NOT NULL, 
	step_path TEXT NOT NULL, 
	step_try INTEGER NOT NULL, 
	phase TEXT NOT NULL, 
	name TEXT NOT NULL, 
	action TEXT NOT NULL, 
	outcome TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	exact BLOB, 
	shown TEXT, 
	artifacts TEXT, 
	failure_id INTEGER, 
	token INTEGER NOT NULL, 
	started INTEGER NOT NULL, 
	ended INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(item_id) REFERENCES item (id) ON DELETE CASCADE, 
	FOREIGN KEY(run_id) REFERENCES run (id) ON DELETE CASCADE
)
 STRICT

;
INSERT INTO "attempt" VALUES(1,'r-20261121-7000aa',1,1,'read',1,'steps','','document.read','failed','',X'0127C9E8745D82F8C20C1424F3B96BE8B30C6F01ACC49546CE212DDFD9019ACF8116EE3E8D08A5B0C558313F6A562DE7BBEF1750FC6B3A1F71A0DA84CE3DD9EC72BE9F3EB84D7DC50789EF985F59A9E97F0FC71A7F18DE4994DD0BA61A','{"notes":{},"outputs":{"total":3},"params":{"file":"a.pdf"}}',NULL,2,1,1795244400000000,1795244400000000);
CREATE TABLE audit (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at INTEGER NOT NULL, 
	who TEXT NOT NULL, 
	what TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	details TEXT NOT NULL, 
	"before" TEXT NOT NULL, 
	hash TEXT NOT NULL
)
 STRICT

;
INSERT INTO "audit" VALUES(1,1795244400000000,'?','enqueue','r-20261121-7000aa','{"flow":"bills","replay_of":"","trigger":"cli"}','','bd21bc97685974241a1644d49950bdceef3ecfc20d56ffcb98765a086e308df1');
INSERT INTO "audit" VALUES(2,1795244400000000,'kim','x','y','{}','bd21bc97685974241a1644d49950bdceef3ecfc20d56ffcb98765a086e308df1','54a8b845cc12256f69bcd62cd3d4144d0861f9c85d4c573f681975ee64f1073a');
CREATE TABLE blob (
	sha256 TEXT NOT NULL, 
	size INTEGER NOT NULL, 
	sealed INTEGER DEFAULT '0' NOT NULL CHECK (sealed IN (0, 1)), 
	kept INTEGER NOT NULL, 
	PRIMARY KEY (sha256)
)
 STRICT

;
INSERT INTO "blob" VALUES('3660315a9af3df255d8f19ab077e4797822b41488a0e2a04bc6af71213c23274',4,0,1795244400000000);
CREATE TABLE counter (
	name TEXT NOT NULL, 
	next INTEGER NOT NULL, 
	PRIMARY KEY (name)
)
 STRICT

;
INSERT INTO "counter" VALUES('record',1001);
CREATE TABLE event (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	run_id TEXT NOT NULL, 
	item_id INTEGER, 
	step_path TEXT NOT NULL, 
	level TEXT NOT NULL, 
	code TEXT NOT NULL, 
	message TEXT NOT NULL, 
	details TEXT NOT NULL, 
	at INTEGER NOT NULL, 
	FOREIGN KEY(run_id) REFERENCES run (id) ON DELETE CASCADE
)
 STRICT

;
INSERT INTO "event" VALUES(1,'r-20261121-7000aa',NULL,'read','info','','hello','{}',1795244400000000);
CREATE TABLE failure (
	id INTEGER NOT NULL, 
	run_id TEXT NOT NULL, 
	item_id INTEGER, 
	step_path TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	code TEXT NOT NULL, 
	message TEXT NOT NULL, 
	details TEXT NOT NULL, 
	effect TEXT NOT NULL, 
	at INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(item_id) REFERENCES item (id) ON DELETE CASCADE, 
	FOREIGN KEY(run_id) REFERENCES run (id) ON DELETE CASCADE
)
 STRICT

;
INSERT INTO "failure" VALUES(2,'r-20261121-7000aa',1,'read','application','page-changed','the page changed','{}','none',1795244400000000);
CREATE TABLE firing (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	schedule TEXT NOT NULL, 
	occurrence TEXT NOT NULL, 
	run_id TEXT, 
	reason TEXT NOT NULL, 
	at INTEGER NOT NULL, 
	due INTEGER, 
	CONSTRAINT firing_once UNIQUE (schedule, occurrence)
)
 STRICT

;
INSERT INTO "firing" VALUES(1,'daily','2026-11-21T07:00',NULL,'holiday',1795244400000000,NULL);
CREATE TABLE flow_revision (
	revision TEXT NOT NULL, 
	flow_id TEXT NOT NULL, 
	title TEXT NOT NULL, 
	texts TEXT NOT NULL, 
	created INTEGER NOT NULL, 
	approved INTEGER, 
	approved_by TEXT, 
	PRIMARY KEY (revision)
)
 STRICT

;
INSERT INTO "flow_revision" VALUES('bills-1','bills','Bills','[["bills","flow: bills"]]',1795244400000000,NULL,NULL);
CREATE TABLE item (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	profile TEXT NOT NULL, 
	flow_id TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	status TEXT NOT NULL, 
	data_exact BLOB, 
	data_shown TEXT, 
	data_hash TEXT NOT NULL, 
	outputs_exact BLOB, 
	outputs_shown TEXT, 
	tries INTEGER NOT NULL, 
	n INTEGER NOT NULL, 
	priority INTEGER NOT NULL, 
	not_before INTEGER, 
	due INTEGER, 
	run_id TEXT, 
	token INTEGER DEFAULT '0' NOT NULL, 
	failure_id INTEGER, 
	created INTEGER NOT NULL, 
	updated INTEGER NOT NULL, 
	FOREIGN KEY(run_id) REFERENCES run (id) ON DELETE SET NULL, 
	CONSTRAINT item_key UNIQUE (profile, flow_id, "key")
)
 STRICT

;
INSERT INTO "item" VALUES(1,'default','bills','a','in_doubt',X'0127C9E8740FDEBCF4A647A2B8A25A8DBEBA53977132E8F6C0C16B61411537802F8C02FB237E1E94F0F5E3440D','{"name":"a"}','h1',NULL,NULL,1,1,0,NULL,NULL,'r-20261121-7000aa',1,NULL,1795244400000000,1795244400000000);
CREATE TABLE meta (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (name)
)
 STRICT

;
INSERT INTO "meta" VALUES('audit_head','54a8b845cc12256f69bcd62cd3d4144d0861f9c85d4c573f681975ee64f1073a');
INSERT INTO "meta" VALUES('key_id','27c9e874');
INSERT INTO "meta" VALUES('ledger_id','05a3a9b0bcf80816');
CREATE TABLE review (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	run_id TEXT NOT NULL, 
	item_id INTEGER, 
	step_path TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	question_exact BLOB, 
	question_shown TEXT, 
	status TEXT NOT NULL, 
	answer_exact BLOB, 
	answer_shown TEXT, 
	"by" TEXT, 
	asked INTEGER NOT NULL, 
	answered INTEGER, 
	FOREIGN KEY(item_id) REFERENCES item (id) ON DELETE CASCADE, 
	FOREIGN KEY(run_id) REFERENCES run (id) ON DELETE CASCADE
)
 STRICT

;
INSERT INTO "review" VALUES(1,'r-20261121-7000aa',1,'r','q',X'0127C9E87449B66D8F32B2A21063B49656150E8BD9B9015B3EB6B830392F7FE3D064C799E1937B07','{"a":1}','open',NULL,NULL,NULL,1795244400000000,NULL);
CREATE TABLE run (
	id TEXT NOT NULL, 
	flow_id TEXT NOT NULL, 
	revision TEXT NOT NULL, 
	status TEXT NOT NULL, 
	profile TEXT NOT NULL, 
	"trigger" TEXT NOT NULL, 
	inputs_exact BLOB, 
	inputs_shown TEXT, 
	outputs_exact BLOB, 
	outputs_shown TEXT, 
	options TEXT NOT NULL, 
	replay_of TEXT, 
	frozen_now INTEGER NOT NULL, 
	created INTEGER NOT NULL, 
	started INTEGER, 
	ended INTEGER, 
	actor TEXT NOT NULL, 
	reason TEXT, 
	failure_id INTEGER, 
	known TEXT, 
	schedule TEXT, 
	occurrence TEXT, 
	due INTEGER, 
	not_before INTEGER, 
	priority INTEGER NOT NULL, 
	max_duration_us INTEGER, 
	pinned INTEGER DEFAULT '0' NOT NULL CHECK (pinned IN (0, 1)), 
	answered INTEGER DEFAULT '0' NOT NULL CHECK (answered IN (0, 1)), 
	cancel_asked INTEGER, 
	cancel_by TEXT, 
	worker TEXT, 
	token INTEGER DEFAULT '0' NOT NULL, 
	lease_until INTEGER, 
	lease_boot TEXT, 
	place TEXT, 
	supervisor_pid INTEGER, 
	supervisor_start INTEGER, 
	child_pid INTEGER, 
	child_start INTEGER, 
	PRIMARY KEY (id), 
	FOREIGN KEY(replay_of) REFERENCES run (id) ON DELETE SET NULL, 
	FOREIGN KEY(revision) REFERENCES flow_revision (revision)
)
 STRICT

;
INSERT INTO "run" VALUES('r-20261121-7000aa','bills','bills-1','failed','default','cli',X'0127C9E87477E84BF48821AF019D2846E2C1109F9F55BFEADE8063DF7E4A5FA87695B3B415E8430871E947593D6A97','{"inbox":"in"}',NULL,NULL,'{}',NULL,1795244400000000,1795244400000000,1795244400000000,1795244400000000,'',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,0,0,NULL,NULL,'w1',1,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE run_item (
	run_id TEXT NOT NULL, 
	item_id INTEGER NOT NULL, 
	n INTEGER NOT NULL, 
	status TEXT NOT NULL, 
	since INTEGER NOT NULL, 
	PRIMARY KEY (run_id, item_id), 
	FOREIGN KEY(item_id) REFERENCES item (id) ON DELETE CASCADE, 
	FOREIGN KEY(run_id) REFERENCES run (id) ON DELETE CASCADE
)
 STRICT

;
INSERT INTO "run_item" VALUES('r-20261121-7000aa',1,1,'in_doubt',1795244400000000);
CREATE TABLE run_want (
	run_id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	name TEXT NOT NULL, 
	PRIMARY KEY (run_id, kind, name), 
	FOREIGN KEY(run_id) REFERENCES run (id) ON DELETE CASCADE
)
 STRICT

;
CREATE TABLE state (
	name TEXT NOT NULL, 
	exact BLOB NOT NULL, 
	updated INTEGER NOT NULL, 
	PRIMARY KEY (name)
)
 STRICT

;
INSERT INTO "state" VALUES('s',X'0127C9E8744C7B5006930270572BA5596305092417229A09BEE7B201F48F2C0E8904377C6B52E505',1795244400000000);
CREATE TABLE worker (
	name TEXT NOT NULL, 
	place TEXT NOT NULL, 
	pid INTEGER NOT NULL, 
	started INTEGER NOT NULL, 
	seen INTEGER NOT NULL, 
	capabilities TEXT NOT NULL, 
	version TEXT NOT NULL, 
	PRIMARY KEY (name)
)
 STRICT

;
INSERT INTO "worker" VALUES('w1','e4d4d489-454e-47ad-9402-8e777578d829 pid:[4026531836]',17021,1795244400000000,1795244400000000,'[]','0.1.0');
CREATE TABLE write (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	profile TEXT NOT NULL, 
	what TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	flow_id TEXT NOT NULL, 
	item_id INTEGER, 
	run_id TEXT NOT NULL, 
	step_path TEXT NOT NULL, 
	verdict TEXT NOT NULL, 
	intent_at INTEGER, 
	settled_at INTEGER, 
	settled_by TEXT NOT NULL, 
	result_exact BLOB, 
	result_shown TEXT, 
	FOREIGN KEY(item_id) REFERENCES item (id), 
	CONSTRAINT write_key UNIQUE (profile, what, "key")
)
 STRICT

;
INSERT INTO "write" VALUES(1,'default','bill','k1','bills',1,'r-20261121-7000aa','post','intended',1795244400000000,NULL,'',NULL,NULL);
CREATE TABLE write_step (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	write_id INTEGER NOT NULL, 
	run_id TEXT NOT NULL, 
	item_id INTEGER, 
	verdict TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	token INTEGER NOT NULL, 
	at INTEGER NOT NULL, 
	FOREIGN KEY(write_id) REFERENCES write (id) ON DELETE CASCADE
)
 STRICT

;
INSERT INTO "write_step" VALUES(1,1,'r-20261121-7000aa',1,'intended','',1,1795244400000000);
CREATE INDEX audit_subject ON audit (subject);
CREATE INDEX firing_at ON firing (schedule, at);
CREATE INDEX flow_revision_flow ON flow_revision (flow_id, created);
CREATE INDEX run_created ON run (created);
CREATE INDEX run_ended ON run (ended);
CREATE INDEX run_flow ON run (flow_id, created);
CREATE INDEX run_queue ON run (priority, created) WHERE status = 'queued';
CREATE INDEX run_replay ON run (replay_of);
CREATE INDEX run_schedule ON run (schedule, created);
CREATE INDEX run_status ON run (status, created);
CREATE INDEX event_run ON event (run_id);
CREATE INDEX item_run ON item (run_id, status);
CREATE INDEX item_status ON item (flow_id, profile, status);
CREATE INDEX run_want_name ON run_want (kind, name);
CREATE INDEX artifact_blob ON artifact (sha256);
CREATE INDEX artifact_keep ON artifact (keep_until);
CREATE INDEX artifact_run ON artifact (run_id);
CREATE INDEX attempt_run ON attempt (run_id, item_id);
CREATE INDEX failure_code ON failure (code, at);
CREATE INDEX failure_run ON failure (run_id, item_id);
CREATE INDEX review_item ON review (item_id);
CREATE INDEX review_run ON review (run_id);
CREATE INDEX review_status ON review (status);
CREATE INDEX run_item_item ON run_item (item_id);
CREATE INDEX write_item ON write (item_id);
CREATE INDEX write_open ON write (item_id) WHERE verdict = 'intended';
CREATE INDEX write_run ON write (run_id);
CREATE INDEX write_step_write ON write_step (write_id);
CREATE INDEX run_reason ON run (reason, created) WHERE reason IS NOT NULL;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('audit',2);
INSERT INTO "sqlite_sequence" VALUES('item',1);
INSERT INTO "sqlite_sequence" VALUES('event',1);
INSERT INTO "sqlite_sequence" VALUES('review',1);
INSERT INTO "sqlite_sequence" VALUES('write',1);
INSERT INTO "sqlite_sequence" VALUES('write_step',1);
INSERT INTO "sqlite_sequence" VALUES('firing',1);
CREATE INDEX run_actor ON run (actor, created);
CREATE INDEX item_state ON item (status, id);
CREATE INDEX item_flow ON item (flow_id, status, id);
CREATE VIEW item_words_said AS SELECT id, key || char(3, 3) AS key FROM item;
CREATE VIRTUAL TABLE item_words USING fts5(key, content='item_words_said', content_rowid='id', tokenize='trigram');
INSERT INTO item_words(item_words) VALUES ('rebuild');
CREATE VIRTUAL TABLE item_words_terms USING fts5vocab(item_words, row);
CREATE TRIGGER item_words_come AFTER INSERT ON item BEGIN INSERT INTO item_words(rowid, key) VALUES (new.id, new.key || char(3, 3)); END;
CREATE TRIGGER item_words_gone AFTER DELETE ON item BEGIN INSERT INTO item_words(item_words, rowid, key) VALUES ('delete', old.id, old.key || char(3, 3)); END;
CREATE TRIGGER item_words_changed AFTER UPDATE OF key ON item BEGIN INSERT INTO item_words(item_words, rowid, key) VALUES ('delete', old.id, old.key || char(3, 3)); INSERT INTO item_words(rowid, key) VALUES (new.id, new.key || char(3, 3)); END;
CREATE VIEW failure_words_said AS SELECT id, message || char(3, 3) AS message FROM failure;
CREATE VIRTUAL TABLE failure_words USING fts5(message, content='failure_words_said', content_rowid='id', tokenize='trigram');
INSERT INTO failure_words(failure_words) VALUES ('rebuild');
CREATE VIRTUAL TABLE failure_words_terms USING fts5vocab(failure_words, row);
CREATE TRIGGER failure_words_come AFTER INSERT ON failure BEGIN INSERT INTO failure_words(rowid, message) VALUES (new.id, new.message || char(3, 3)); END;
CREATE TRIGGER failure_words_gone AFTER DELETE ON failure BEGIN INSERT INTO failure_words(failure_words, rowid, message) VALUES ('delete', old.id, old.message || char(3, 3)); END;
CREATE TRIGGER failure_words_changed AFTER UPDATE OF message ON failure BEGIN INSERT INTO failure_words(failure_words, rowid, message) VALUES ('delete', old.id, old.message || char(3, 3)); INSERT INTO failure_words(rowid, message) VALUES (new.id, new.message || char(3, 3)); END;
COMMIT;
