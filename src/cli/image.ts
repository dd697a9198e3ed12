import { extname } from "node:path";
import type { Image } from "../protocol/image.ts";
import { readBytes } from "./input.ts";
import { usageError } from "./parse.ts";

const TYPES: Readonly<Record<string, Image["mimeType"]>> = {
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".webp": "image/webp",
};

/** A picture from a file, whose name says what it is. @throws DispatchError `invalid` */
export async function readImage(path: string): Promise<Image> {
  const mimeType = TYPES[extname(path).toLowerCase()];
  if (mimeType === undefined)
    throw usageError(`${path} is no PNG, JPEG, GIF or WebP by its name`, "dispatch tell --help");
  return { data: Buffer.from(await readBytes(path)).toString("base64"), mimeType };
}
