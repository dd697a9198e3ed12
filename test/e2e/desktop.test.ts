import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import type { Finding } from "../../src/protocol/finding.ts";
import { World } from "./world.ts";

const BUS = "unix:path=/nowhere";
/** What a desktop or a terminal would obey, and what `notify-send` itself would. */
const EVIL =
  '--help </b><a href="file:///etc/passwd">&amp;</a> \\074i\\076 $(touch owned) \u001b[2J\u0007\u202e end';
const DRAWN =
  '--help &lt;/b&gt;&lt;a href="file:///etc/passwd"&gt;&amp;amp;&lt;/a&gt; \\\\074i\\\\076 $(touch owned) ␛[2J␇\\\\u202e end';

/** A machine whose desktop shows notices by a program that writes them down, each kind in a file. */
class DesktopWorld extends World {
  readonly #program: string;

  constructor() {
    super({ also: "notify:\n  desktop: true\n" });
    const bin = join(this.root, "bin");
    mkdirSync(bin);
    this.#program = join(bin, "notify-send");
    this.environment["PATH"] = `${bin}:/usr/bin:/bin`;
    this.environment["DBUS_SESSION_BUS_ADDRESS"] = BUS;
    this.install(`printf '%s\\0' "$@" > "$HOME/draft" && mv "$HOME/draft" "$HOME/$DISPATCH_NOTICE_KIND"`);
  }

  install(script: string): void {
    writeFileSync(
      this.#program,
      `#!/bin/sh\n[ "$DBUS_SESSION_BUS_ADDRESS" = ${BUS} ] || exit 1\n${script}\n`,
    );
    chmodSync(this.#program, 0o755);
  }

  uninstall(): void {
    rmSync(this.#program);
  }

  async handOver(prompt: string): Promise<string> {
    const { task } = await this.client.call("createTask", {}, { workspace: this.repo, prompt });
    return task.slug;
  }

  /** The arguments of the notice of this kind. */
  async shown(kind: string): Promise<string[]> {
    const home = this.environment["HOME"]!;
    await this.appears(kind, home);
    return readFileSync(join(home, kind), "utf8").split("\0").slice(0, -1);
  }

  /** Waits until the daemon knows that a notice was not shown. */
  async fails(): Promise<void> {
    while ((await this.client.call("health", {}, {})).notices.length === 0);
  }

  async examined(): Promise<Finding[]> {
    const { stdout } = await this.run("doctor", "--json");
    const { findings } = JSON.parse(stdout) as { findings: Finding[] };
    return findings.filter(({ about, text }) => `${about} ${text}`.includes("notify"));
  }
}

test("the desktop shows what is done, what failed and what needs a person, with the text as text", async () => {
  await using world = new DesktopWorld();
  const done = await world.handOver(`Paint it\nscripted: finish ${EVIL}`);
  const [, ...rest] = await world.shown("done");
  expect(rest).toEqual(["--urgency=low", "--", `${done} is done`, DRAWN]);
  const failed = await world.handOver(`Break it\nscripted: error ${EVIL}`);
  const [app, urgency, end, title, text] = await world.shown("failed");
  expect([app, urgency, end, title]).toEqual([
    "--app-name=dispatch",
    "--urgency=normal",
    "--",
    `${failed} failed`,
  ]);
  expect(text).toContain(DRAWN);
  const asking = await world.handOver(`Ask it\nscripted: ask ${EVIL}|yes`);
  expect((await world.shown("needs-you")).slice(1)).toEqual([
    "--urgency=normal",
    "--",
    `${asking} needs you`,
    DRAWN,
  ]);
  expect(await world.examined()).toEqual([
    { about: "notify", state: "good", text: "on the desktop", hint: null },
  ]);
});

test("doctor says why the desktop shows nothing, before and after a notice went wrong", async () => {
  await using world = new DesktopWorld();
  delete world.environment["DBUS_SESSION_BUS_ADDRESS"];
  expect(await world.examined()).toMatchObject([
    { state: "note", hint: "on the desktop: dispatch daemon restart" },
  ]);
  await world.handOver("scripted: finish done");
  await world.fails();
  expect(await world.ok("daemon", "status")).toContain("notify.desktop fails: notify-send ended with 1\n");
  world.uninstall();
  expect(await world.examined()).toMatchObject([
    { about: "daemon", state: "note", text: "notify.desktop fails: notify-send ended with 1" },
    { about: "notify", state: "bad", hint: expect.stringContaining("libnotify-bin") },
  ]);
  expect((await world.run("doctor")).code).toBe(1);
  await world.ok("config", "set", "notify.desktop", "false");
  expect(await world.examined()).toEqual([]);
});
