const NONE = "json('[]')";

/**
 * Tasks that work in several repositories. Tasks, merges and their events get the new field too: who follows the stream
 * from an old position reads them.
 */
export const places = /* sql */ `
UPDATE task SET body = json_insert(body, '$.also', ${NONE});
UPDATE merge SET body = json_insert(body, '$.also', ${NONE});
UPDATE event SET body = json_insert(body, '$.task.also', ${NONE}) WHERE kind = 'state' AND body ->> '$.type' = 'task';
UPDATE event SET body = json_insert(body, '$.merge.also', ${NONE}) WHERE kind = 'state' AND body ->> '$.type' = 'merge';
`;
