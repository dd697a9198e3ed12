/** What a prompt takes along of a file, in characters. */
export const MAX_ATTACHED_CHARS = 80_000;
const CUT_NOTE = "(truncated to 80k chars)";
const TODO_IN_PROMPT = /TODO-([a-zA-Z0-9]{6,40})\b/g;

/** A note of the user's own, found by its id. `content` is the file's, as it is. */
export interface Todo {
  id: string;
  path: string;
  content: string;
}

/** A file as a prompt takes it along. */
export interface AttachedFile {
  path: string;
  content: string;
  isCut: boolean;
}

/** The ids that a prompt names as `TODO-<id>`, each once, in their order. */
export function todoIds(prompt: string): string[] {
  return [...new Set([...prompt.matchAll(TODO_IN_PROMPT)].map(([, id]) => todoId(id!)))];
}

/** An id as its file is called, from `TODO-Abc123`, `abc123` or the like; empty when nothing is left of it. */
export function todoId(text: string): string {
  return text
    .trim()
    .replace(/^TODO-/i, "")
    .replaceAll(/[^a-zA-Z0-9]/g, "")
    .toLowerCase();
}

/** A file's text without the blank around it, up to MAX_ATTACHED_CHARS. */
export function attachedFile(path: string, text: string): AttachedFile {
  const whole = text.trim();
  const content = whole.slice(0, MAX_ATTACHED_CHARS).replace(/[\uD800-\uDBFF]$/, ""); // half a character
  return { path, content, isCut: whole.length > MAX_ATTACHED_CHARS };
}

/** A prompt with what it takes along below it. Other programs write the same layout, and agents' skills name it. */
export function promptWith(
  prompt: string,
  { todos, files }: { todos: readonly Todo[]; files: readonly AttachedFile[] },
): string {
  return [prompt, ...todos.map(todoText), ...files.map(fileText)].join("\n\n");
}

function todoText({ id, path, content }: Todo): string {
  return ["---", `Full TODO context: TODO-${id}`, `Source: ${path}`, "", content].join("\n");
}

function fileText({ path, content, isCut }: AttachedFile): string {
  return ["---", `Attached file context: ${path}`, ...(isCut ? [CUT_NOTE] : []), content].join("\n");
}
