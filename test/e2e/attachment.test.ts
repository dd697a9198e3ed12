import { describe, expect, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { TaskContext } from "../../src/protocol/task.ts";
import { World } from "./world.ts";

/** Hands over a task that ends at once, and answers what it took along. */
async function context(world: World, ...words: string[]): Promise<TaskContext> {
  const { task } = await world.json<{ task: { slug: string } }>("run", "--agent", "shell", ...words);
  return (await world.task(task.slug)).context;
}

function write(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

describe("a task takes along", () => {
  test("the TODOs that its text names, from the nearest folder that has them", async () => {
    await using world = new World();
    const own = write(join(world.repo, ".pi/todos/1a2b3c.md"), "# Fix the login\n");
    write(join(world.root, "user/.pi/todos/1a2b3c.md"), "another\n");
    write(join(world.repo, ".pi/todos/ffee00.md"), " \n");
    const far = write(join(world.root, "user/.pi/todos/ffee00.md"), "# Far\n");
    expect(await context(world, "true # TODO-1a2b3c, TODO-FFEE00")).toEqual({
      text: null,
      files: [
        { path: own, content: "# Fix the login\n" },
        { path: far, content: "# Far\n" },
      ],
    });
  });

  test("those of its main checkout, where it works in a worktree of it", async () => {
    await using world = new World();
    const path = write(join(world.repo, ".pi/todos/1a2b3c.md"), "# Fix\n");
    world.git("worktree", "add", "-q", join(world.root, "side"));
    world.environment["GIT_DIR"] = "/nowhere"; // of a hook that runs this
    const { files } = await context(
      world,
      "true",
      "--todo",
      "TODO-1a2b3c",
      "--workspace",
      join(world.root, "side"),
    );
    expect(files).toEqual([{ path, content: "# Fix\n" }]);
  });

  test("files by any path that a person writes", async () => {
    await using world = new World();
    write(join(world.root, "user/notes.txt"), "at home\n");
    write(join(world.root, "far.txt"), "far\n");
    world.write("near.txt", "near\n");
    const words = ["~/notes.txt", join(world.root, "far.txt"), "near.txt"];
    const { files } = await context(world, "true", ...words.flatMap((path) => ["--context-file", path]));
    expect(files.map(({ content }) => content)).toEqual(["at home\n", "far\n", "near\n"]);
  });
});

describe("what cannot be taken along", () => {
  test("fails where it was asked for, and is told where the text only names it", async () => {
    await using world = new World();
    const asked = await world.run("run", "true", "--todo", "TODO-nonesuch");
    expect(asked.code).toBe(1);
    expect(asked.stderr).toContain("error: there is no TODO-nonesuch");
    expect(asked.stderr).toContain(`nonesuch.md in ${join(world.repo, ".pi/todos")}`);
    expect(await world.run("run", "true", "--todo", "TODO-")).toMatchObject({ code: 2 });
    const named = await world.run("run", "true # TODO-nonesuch", "--agent", "shell");
    expect(named).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("note: there is no TODO-nonesuch"),
    });
    expect((await world.json<{ tasks: unknown[] }>("tasks")).tasks).toHaveLength(1);
  });

  test("is a file that is missing, empty or a folder", async () => {
    await using world = new World();
    world.write("blank.txt", " \n\n");
    for (const [path, reason] of [
      ["nowhere.txt", "no context file"],
      ["blank.txt", "is empty"],
      [".git", "is a folder"],
    ]) {
      const refused = await world.run("run", "true", "--context-file", path!);
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(reason!) });
    }
    expect((await world.json<{ tasks: unknown[] }>("tasks")).tasks).toEqual([]);
  });

  test("is a text that is not UTF-8, which no worker would read as it was written", async () => {
    await using world = new World();
    const latin = join(world.repo, "latin.txt");
    writeFileSync(latin, Buffer.from("caf\xe9\n", "latin1"));
    for (const words of [
      ["true", "--context-file", "latin.txt"],
      ["true", "--plan", "latin.txt"],
      ["-f", "latin.txt"],
    ]) {
      const refused = await world.run("run", ...words);
      expect(refused.code).toBe(2);
      expect(refused.stderr).toContain("latin.txt is not UTF-8 text\ndispatch: hint: iconv ");
    }
    const piped = Bun.spawnSync([...world.self, "run", "-"], {
      cwd: world.repo,
      env: world.environment,
      stdin: Bun.file(latin),
    });
    expect(piped.exitCode).toBe(2);
    expect(piped.stderr.toString()).toContain("standard input is not UTF-8 text");
    expect((await world.json<{ tasks: unknown[] }>("tasks")).tasks).toEqual([]);
  });

  test("is a TODO that a repository made a link to something of the user's", async () => {
    await using world = new World();
    const secret = write(join(world.root, "user/.ssh/id_ed25519"), "a secret\n");
    mkdirSync(join(world.repo, ".pi/todos"), { recursive: true });
    symlinkSync(secret, join(world.repo, ".pi/todos/1a2b3c.md"));
    const refused = await world.run("run", "true", "--todo", "1a2b3c");
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("there is no TODO-1a2b3c") });
    expect(await world.run("run", "true", "--todo", "../../user/.ssh/id_ed25519")).toMatchObject({ code: 1 });
  });
});
