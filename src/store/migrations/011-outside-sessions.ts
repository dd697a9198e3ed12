/** What is known of agents that somebody else started: by their process, and by their own conversation. */
export const outsideSessions = /* sql */ `
UPDATE session SET body = json_set(body, '$.outside', NULL);
ALTER TABLE session ADD COLUMN process TEXT AS (body ->> '$.outside.process');
ALTER TABLE session ADD COLUMN conversation TEXT AS (body ->> '$.conversation');
CREATE INDEX session_process ON session (process) WHERE process IS NOT NULL;
CREATE INDEX session_conversation ON session (conversation) WHERE conversation IS NOT NULL;
`;
