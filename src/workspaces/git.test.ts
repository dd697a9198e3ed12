import { expect, test } from "bun:test";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { git, runGit } from "./git.ts";
import { failureOf, makeHome, put } from "./testing.ts";

/** A filter that never ends, as git's own child. */
async function repositoryThatHangs(home: Awaited<ReturnType<typeof makeHome>>) {
  const { root: cwd } = await home.repository();
  await put(home.folder, { hang: `#!/bin/sh\necho $$ > ${join(home.folder, "pid")}\nexec sleep 600\n` });
  await chmod(join(home.folder, "hang"), 0o755);
  await git(["config", "filter.hang.clean", join(home.folder, "hang")], { cwd });
  await put(cwd, { ".gitattributes": "*.slow filter=hang\n", "x.slow": "x" });
  return cwd;
}

test("git that takes too long is stopped, its children too, and leaves no lock", async () => {
  await using home = await makeHome();
  const cwd = await repositoryThatHangs(home);
  const failure = await failureOf(git(["add", "x.slow"], { cwd, timeoutMs: 2_000 }));
  expect(failure).toMatchObject({ code: "unavailable", hint: expect.any(String) });
  const pid = (await Bun.file(join(home.folder, "pid")).text()).trim();
  const state = Bun.spawnSync(["ps", "-o", "stat=", "-p", pid]).stdout.toString().trim();
  expect(state).toMatch(/^Z|^$/); // gone, or dead and not yet reaped
  expect(await git(["add", "a.txt"], { cwd })).toBe("");
});

test("output beyond the limit is cut, or an error where all of it is needed", async () => {
  await using home = await makeHome();
  const { root: cwd } = await home.repository();
  const run = await runGit(["cat-file", "-p", "HEAD:a.txt"], { cwd, maxBytes: 4 });
  expect(run).toMatchObject({ stdout: "1\n2\n", truncated: true });
  expect(await failureOf(git(["cat-file", "-p", "HEAD:a.txt"], { cwd, maxBytes: 4 }))).toMatchObject({
    code: "too_large",
  });
});

test("the caller's GIT_ variables do not lead to another repository", async () => {
  await using home = await makeHome();
  const one = await home.repository("one");
  const two = await home.repository("two");
  process.env["GIT_DIR"] = one.gitDir;
  try {
    expect(await git(["rev-parse", "--absolute-git-dir"], { cwd: two.root })).toBe(two.gitDir);
  } finally {
    delete process.env["GIT_DIR"];
  }
});

test("a failure carries git's words, a missing folder its path", async () => {
  await using home = await makeHome();
  const { root: cwd } = await home.repository();
  expect(await failureOf(git(["rev-parse", "--verify", "nowhere"], { cwd }))).toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("single revision"),
  });
  expect(await failureOf(git(["status"], { cwd: join(cwd, "missing") }))).toMatchObject({
    code: "not_found",
  });
});
