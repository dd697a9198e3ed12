/** What a model's sessions said last of its context window, which each list of models asks for. */
export const contextWindows = /* sql */ `
CREATE INDEX session_window ON session (body ->> '$.agent', body ->> '$.model.id', place)
  WHERE body ->> '$.usage.contextWindow' IS NOT NULL;
`;
