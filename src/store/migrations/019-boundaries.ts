/** The tasks with boundaries, which the end of every other one looks for. */
export const boundaries = /* sql */ `
CREATE INDEX task_bounded ON task (place) WHERE json_array_length(body, '$.owns') > 0;
`;
