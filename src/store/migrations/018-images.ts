/** The images of messages that are still to be told, or may have to be told again. */
export const images = /* sql */ `
CREATE TABLE message_image (
  message TEXT NOT NULL REFERENCES message (id),
  place INTEGER NOT NULL,
  mime_type TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (message, place)
) STRICT, WITHOUT ROWID;
`;
