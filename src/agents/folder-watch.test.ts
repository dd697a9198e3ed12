import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const WATCH = join(import.meta.dir, "folder-watch.ts");
/** Watches its folder, says so, and ends when the file `made` is there. */
const PROGRAM = `
  import { existsSync } from "node:fs";
  import { watchFolder } from ${JSON.stringify(WATCH)};
  const watch = watchFolder(".", () => { if (existsSync("made")) { console.log("seen"); watch.close(); } });
  console.log("watching");
`;
const BUN = [process.execPath, "--no-env-file", "--config=/dev/null", "-e", PROGRAM];
/** In a namespace of users that has no watch to give. */
const WITHOUT = [
  "unshare",
  "-Ur",
  "sh",
  "-c",
  'echo 0 > /proc/sys/user/max_inotify_instances && exec "$@"',
  "sh",
];

test.each([
  ["by the kernel's word", BUN],
  ["by looking, where the kernel has no watch left", [...WITHOUT, ...BUN]],
])("a file that is made is seen %s", async (_, command) => {
  const folder = mkdtempSync(join(tmpdir(), "watch-"));
  const child = Bun.spawn(command, { cwd: folder, stdout: "pipe", stderr: "inherit" });
  const reader = child.stdout.getReader();
  expect(new TextDecoder().decode((await reader.read()).value)).toContain("watching");
  await Bun.write(join(folder, "made"), "");
  expect(new TextDecoder().decode((await reader.read()).value)).toContain("seen");
  expect(await child.exited).toBe(0);
  rmSync(folder, { recursive: true });
});
