import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { acquireLock, lockOwner } from "./lock.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lock-"));
  path = join(folder, "lock");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Takes the lock, starts a child that outlives it, says both pids, and waits to be killed. */
const HOLDER = `
  import { acquireLock } from ${JSON.stringify(join(import.meta.dir, "lock.ts"))};
  const lock = acquireLock(process.argv[1]);
  const child = Bun.spawn(["sleep", "60"], { stdio: ["ignore", "ignore", "ignore"], detached: true });
  console.log(JSON.stringify({ held: lock !== null, child: child.pid }));
  await Bun.stdin.text();
`;

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes("\n")) break;
  }
  return text;
}

describe("acquireLock", () => {
  test("is exclusive in one process too, and release is idempotent", () => {
    const first = acquireLock(path);
    expect(first).not.toBeNull();
    expect(acquireLock(path)).toBeNull();
    expect(lockOwner(path)).toBe(process.pid);
    first?.release();
    const second = acquireLock(path);
    first?.release();
    expect(acquireLock(path)).toBeNull();
    second?.release();
    expect(lockOwner(path)).toBeNull();
  });

  test("is released by the kernel at kill -9, though a child of the owner lives on", async () => {
    const owner = Bun.spawn([process.execPath, "-e", HOLDER, path], { stdin: "pipe", stdout: "pipe" });
    const { held, child } = JSON.parse(await firstLine(owner.stdout)) as { held: boolean; child: number };
    try {
      expect(held).toBeTrue();
      expect(acquireLock(path)).toBeNull();
      expect(lockOwner(path)).toBe(owner.pid);
      owner.kill("SIGKILL");
      await owner.exited;
      expect(() => process.kill(child, 0)).not.toThrow();
      const lock = acquireLock(path);
      expect(lock).not.toBeNull();
      lock?.release();
    } finally {
      process.kill(child, "SIGKILL");
    }
  });

  test("of twenty processes exactly one gets it", async () => {
    const rivals = Array.from({ length: 20 }, () =>
      Bun.spawn(["sh", "-c", 'read go; exec "$0" -e "$1" "$2"', process.execPath, HOLDER, path], {
        stdin: "pipe",
        stdout: "pipe",
      }),
    );
    for (const rival of rivals) {
      await rival.stdin.write("go\n");
      await rival.stdin.flush();
    }
    const answers = await Promise.all(
      rivals.map(
        async (rival) => JSON.parse(await firstLine(rival.stdout)) as { held: boolean; child: number },
      ),
    );
    for (const [index, rival] of rivals.entries()) {
      rival.kill("SIGKILL");
      await rival.exited;
      process.kill(answers[index]!.child, "SIGKILL");
    }
    expect(answers.filter((answer) => answer.held)).toHaveLength(1);
  });

  test("does not trust the content, nor a file that was deleted under the owner", () => {
    writeFileSync(path, "1\n");
    const first = acquireLock(path);
    expect(lockOwner(path)).toBe(process.pid);
    unlinkSync(path);
    const second = acquireLock(path);
    expect(second).not.toBeNull(); // whoever deletes the file breaks the promise; the new file has one owner again
    expect(acquireLock(path)).toBeNull();
    first?.release();
    second?.release();
  });

  test("says who owns nothing", () => {
    expect(lockOwner(join(folder, "none"))).toBeNull();
    expect(() => acquireLock(join(folder, "no", "such"))).toThrow("ENOENT");
  });
});
