import { z } from "zod";

/** Images that go with one message. */
export const MAX_IMAGES = 10;
/** All images of one message together, as base64. */
export const MAX_IMAGES_CHARS = 4 * 1024 * 1024;

/** A picture for an agent that looks at such; `data` is base64. */
export const Image = z.strictObject({
  data: z.string().regex(/^[A-Za-z0-9+/]+={0,2}$/, "it is no base64"),
  mimeType: z.enum(["image/png", "image/jpeg", "image/gif", "image/webp"]),
});
export type Image = z.infer<typeof Image>;

export const Images = z
  .array(Image)
  .min(1)
  .max(MAX_IMAGES)
  .refine((all) => all.reduce((sum, { data }) => sum + data.length, 0) <= MAX_IMAGES_CHARS, {
    error: `the images have more than ${MAX_IMAGES_CHARS >> 20} MiB together`,
  });
