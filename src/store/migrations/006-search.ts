/**
 * What can be found. `passage` is made from the events, which stay the truth: dropping its rows and the mark `read:search`
 * makes it anew. The triggers keep the index beside the text, as FTS5 wants it for external content
 * (https://sqlite.org/fts5.html#external_content_tables).
 */
export const search = /* sql */ `
CREATE TABLE passage (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  task TEXT,
  session TEXT,
  at INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX passage_of_task ON passage (task);
CREATE INDEX passage_of_session ON passage (session);

CREATE TABLE passage_session (
  session TEXT PRIMARY KEY,
  turns INTEGER NOT NULL,
  running INTEGER
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE passage_text USING fts5 (
  text, content = 'passage', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
CREATE TRIGGER passage_inserted AFTER INSERT ON passage BEGIN
  INSERT INTO passage_text (rowid, text) VALUES (new.id, new.text);
END;
CREATE TRIGGER passage_deleted AFTER DELETE ON passage BEGIN
  INSERT INTO passage_text (passage_text, rowid, text) VALUES ('delete', old.id, old.text);
END;
CREATE TRIGGER passage_updated AFTER UPDATE OF text ON passage BEGIN
  INSERT INTO passage_text (passage_text, rowid, text) VALUES ('delete', old.id, old.text);
  INSERT INTO passage_text (rowid, text) VALUES (new.id, new.text);
END;
`;
