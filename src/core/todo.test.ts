import { expect, test } from "bun:test";
import { attachedFile, MAX_ATTACHED_CHARS, promptWith, todoId, todoIds } from "./todo.ts";

test("the ids of a prompt are its TODO- words of 6 to 40 letters and digits, each once", () => {
  const prompt = `Do TODO-1a2B3c and TODO-ffee0011, then TODO-1A2b3C; not TODO-12345 or TODO-${"a".repeat(41)}`;
  expect(todoIds(prompt)).toEqual(["1a2b3c", "ffee0011"]);
  expect(todoIds("a TODO: nothing")).toEqual([]);
});

test.each([
  ["TODO-Ab12Cd", "ab12cd"],
  [" todo-ab12cd ", "ab12cd"],
  ["x", "x"],
  ["../../etc/passwd", "etcpasswd"],
  ["TODO-", ""],
])("%p means the file %p", (given, id) => expect(todoId(given)).toBe(id));

test("what goes along stands below the prompt, TODOs first, in the layout that other programs write", () => {
  const todos = [{ id: "1a2b3c", path: "/r/.pi/todos/1a2b3c.md", content: "# Fix it\n" }];
  const files = [attachedFile("/r/notes.txt", "\n one \n two\n\n"), attachedFile("/r/b.txt", "b")];
  expect(promptWith("Do TODO-1a2b3c", { todos, files })).toBe(
    [
      "Do TODO-1a2b3c",
      "",
      "---",
      "Full TODO context: TODO-1a2b3c",
      "Source: /r/.pi/todos/1a2b3c.md",
      "",
      "# Fix it",
      "",
      "",
      "---",
      "Attached file context: /r/notes.txt",
      "one ",
      " two",
      "",
      "---",
      "Attached file context: /r/b.txt",
      "b",
    ].join("\n"),
  );
  expect(promptWith("as it is", { todos: [], files: [] })).toBe("as it is");
});

test("a long file is cut, never in the middle of a character, and says so", () => {
  const cut = attachedFile("/big", ` ${"a".repeat(MAX_ATTACHED_CHARS - 1)}😀 end`);
  expect(cut).toMatchObject({ isCut: true, content: "a".repeat(MAX_ATTACHED_CHARS - 1) });
  const text = promptWith("p", { todos: [], files: [cut] });
  expect(text).toStartWith("p\n\n---\nAttached file context: /big\n(truncated to 80k chars)\naaa");
  expect(attachedFile("/exact", "a".repeat(MAX_ATTACHED_CHARS))).toMatchObject({ isCut: false });
});
