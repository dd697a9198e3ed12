import type { MessageId } from "../protocol/id.ts";
import type { Image } from "../protocol/image.ts";
import type { Db } from "../sqlite/database.ts";

/** Keeps the images of a message until its turn is over. */
export function insertImages(db: Db, message: MessageId, images: readonly Image[]): void {
  for (const [place, { data, mimeType }] of images.entries())
    db.run(
      "INSERT INTO message_image (message, place, mime_type, data) VALUES ($message, $place, $mimeType, $data)",
      { message, place, mimeType, data },
    );
}

/** In their order. */
export function imagesOf(db: Db, message: MessageId): Image[] {
  return db.all(
    "SELECT data, mime_type AS mimeType FROM message_image WHERE message = $message ORDER BY place",
    { message },
  );
}

export function dropImages(db: Db, message: MessageId): void {
  db.run("DELETE FROM message_image WHERE message = $message", { message });
}
