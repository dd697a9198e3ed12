/**
 * What callers are told of their tasks: one row a notice, gone when it was told. `claimed` is when somebody took it to
 * tell it. A caller is a process of a host; `caller_session` are the host's own sessions that were seen in it.
 */
export const callerNotices = /* sql */ `
CREATE TABLE task_listener (
  task TEXT PRIMARY KEY REFERENCES task (id),
  caller TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX task_listener_caller ON task_listener (caller);

CREATE TABLE caller_notice (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  caller TEXT NOT NULL,
  body TEXT NOT NULL,
  claimed INTEGER
) STRICT;
CREATE INDEX caller_notice_caller ON caller_notice (caller, id);

CREATE TABLE caller_session (
  session TEXT NOT NULL,
  caller TEXT NOT NULL,
  PRIMARY KEY (session, caller)
) STRICT, WITHOUT ROWID;
`;
