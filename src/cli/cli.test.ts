import { afterAll, describe, expect, test } from "bun:test";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { VERSION } from "../base/version.ts";
import { COMMANDS } from "./commands.ts";
import { makeMachine, SELF } from "./program.fixture.ts";

const machine = makeMachine();
afterAll(() => machine.close());

describe("without a daemon", () => {
  test("--version is the package's", async () => {
    const { version } = (await Bun.file(join(import.meta.dir, "../../package.json")).json()) as {
      version: string;
    };
    expect(VERSION).toBe(version);
    expect(await machine.run(["--version"])).toEqual({
      code: 0,
      stdout: `dispatch ${version}\n`,
      stderr: "",
    });
    expect(JSON.parse((await machine.run(["--version", "--json"])).stdout)).toEqual({ version });
  });

  test("every command has help, which starts nothing", async () => {
    for (const name of Object.keys(COMMANDS)) {
      const { code, stdout, stderr } = await machine.run([...name.split(" ").filter(Boolean), "--help"]);
      expect({ name, code, stderr }).toEqual({ name, code: 0, stderr: "" });
      expect(stdout).toContain(name === "" ? "Exit codes" : COMMANDS[name]!.summary);
    }
    expect((await machine.run(["help", "run"])).stdout).toContain("--context-file");
    expect((await machine.run(["daemon", "--help"])).stdout).toContain("dispatch daemon restart");
    expect(existsSync(machine.home)).toBe(false);
  });

  test.each([
    [["tsaks"], "unknown command tsaks; did you mean tasks?", "dispatch tasks"],
    [["frobnicate"], "unknown command frobnicate", "dispatch --help"],
    [["daemon"], "dispatch daemon needs one of start", "dispatch daemon --help"],
    [["daemon", "strat"], "unknown command daemon strat; did you mean start?", "dispatch daemon start"],
    [["run"], "run needs a text, --task or --file", "dispatch run --help"],
    [
      ["run", "x", "--permissions", "root"],
      "--permissions is one of ask, edits, all, read-only",
      "dispatch run --help",
    ],
    [["run", "x", "--timeout", "soon"], "soon is no duration", "write it as 90s"],
    [["wait", "--any", "x"], "--any goes without an ID", "dispatch wait --help"],
    [["approve", "x", "--once", "--session"], "two answers", "dispatch approve --help"],
    [["--home"], "--home needs a value", "dispatch --help"],
    [["constructor"], "unknown command constructor", "dispatch --help"],
  ])("%p is a usage error", async (words, message, hint) => {
    const { code, stdout, stderr } = await machine.run(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toStartWith("dispatch: error: ");
    expect(stderr).toContain(message);
    expect(stderr).toContain(`dispatch: hint: ${hint}`);
  });

  test("an agent's own command line decides nothing for people", async () => {
    for (const words of [
      ["approve", "x"],
      ["deny", "x"],
      ["config", "set", "a", "b"],
      ["models", "default", "x"],
    ]) {
      const { code, stderr } = await machine.run(words, { environment: { DISPATCH_RUN: "ses_x:1" } });
      expect(code).toBe(5);
      expect(stderr).toContain("is for people");
    }
  });

  test("a home that cannot be made is said, with exit code 6", async () => {
    const { code, stderr } = await machine.run(["tasks", "--home", "/proc/nowhere"]);
    expect(code).toBe(6);
    expect(stderr).toContain("/proc/nowhere cannot be written");
    expect(stderr).toContain("dispatch: hint: set DISPATCH_HOME");
  });

  test("a program that runs from source runs nothing of the folder that it is called in", async () => {
    const hostile = join(machine.folder, "hostile");
    await Bun.write(join(hostile, "evil.ts"), 'console.log("evil");');
    await Bun.write(join(hostile, "bunfig.toml"), 'preload = ["./evil.ts"]');
    await Bun.write(
      join(hostile, "tsconfig.json"),
      JSON.stringify({ compilerOptions: { paths: { "*": ["./evil.ts"] } } }),
    );
    const root = join(import.meta.dir, "../..");
    const words = ["node", join(root, "scripts/bun.mjs"), join(root, "src/main.ts"), "--version"];
    const child = Bun.spawn(words, { cwd: hostile, env: machine.environment, stdout: "pipe" });
    expect(await new Response(child.stdout).text()).toBe(`dispatch ${VERSION}\n`);
  });

  test("daemon status starts nothing", async () => {
    const { code, stdout } = await machine.run(["daemon", "status", "--json"]);
    expect({ code, stdout }).toEqual({ code: 6, stdout: "null\n" });
  });

  test.each(["bash", "zsh", "fish"])("%s gets completions of every command", async (shell) => {
    const { code, stdout } = await machine.run(["completions", shell]);
    expect(code).toBe(0);
    for (const word of ["approve", "restart", "context-file", "idempotency-key"])
      expect(stdout).toContain(word);
    if (Bun.which(shell)) {
      const check = Bun.spawn([shell, "-n"], { stdin: new Blob([stdout]), stderr: "pipe" });
      expect(await new Response(check.stderr).text()).toBe("");
    }
  });

  test("bash completes by them", async () => {
    const { stdout } = await machine.run(["completions", "bash"]);
    const complete = async (...words: string[]) => {
      const typed = words.map((word) => `'${word}'`).join(" ");
      const script = `${stdout}\nCOMP_WORDS=(dispatch ${typed}); COMP_CWORD=${words.length}; _dispatch; echo "\${COMPREPLY[@]}"`;
      return (await Bun.$`bash -c ${script}`.quiet().text()).trim().split(" ");
    };
    expect(await complete("sta")).toEqual(["status"]);
    expect(await complete("daemon", "st")).toEqual(["start", "stop", "status"]);
    expect(await complete("daemon", "logs", "--l")).toEqual(["--lines"]);
    expect(await complete("config", "pa")).toEqual(["path"]);
    expect(await complete("run", "--work")).toEqual(["--worktree", "--workspace"]);
  });
});

describe("with a daemon that the first call starts", () => {
  test("clients that race get one daemon", async () => {
    const ended = await Promise.all(Array.from({ length: 4 }, () => machine.run(["tasks", "--json"])));
    for (const each of ended) expect(each).toEqual({ code: 0, stdout: expect.any(String), stderr: "" });
    const pids = await Promise.all(
      Array.from({ length: 2 }, async () => {
        const { stdout } = await machine.run(["daemon", "status", "--json"]);
        return (JSON.parse(stdout) as { pid: number }).pid;
      }),
    );
    expect(pids[0]).toBe(pids[1]);
  });

  test("an answer without a word leaves what stood in the file that takes it", async () => {
    const notes = join(machine.folder, "notes.txt");
    writeFileSync(notes, "mine\n");
    const end = openSync(notes, "a");
    const silent = [...SELF, "daemon", "logs", "--home", join(machine.folder, "elsewhere")];
    expect(await Bun.spawn(silent, { env: machine.environment, stdout: end }).exited).toBe(0);
    closeSync(end);
    expect(readFileSync(notes, "utf8")).toBe("mine\n");
  });

  test("a prompt of nothing but white space is refused in words", async () => {
    const { code, stderr } = await machine.run(["run", " \n"]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: "dispatch: error: prompt: it is empty\n" });
  });

  test("a prompt that no command line can hold is refused", async () => {
    const { code, stderr } = await machine.run(["run", "-"], { stdin: "a\0b" });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: "dispatch: error: prompt: it holds a NUL character\n",
    });
  });

  test("what is not there is exit code 3", async () => {
    const { code, stderr } = await machine.run(["status", "nothing-like-it"]);
    expect(code).toBe(3);
    expect(stderr).toStartWith("dispatch: error: ");
  });

  test("a task is handed over, waited for, shown and read", async () => {
    const plan = "1) `printf 'red \\033[31m'` colour\n2) `echo two` second\n";
    const words = ["run", "print", "--agent", "shell", "--plan", "-", "--name", "printer"];
    const made = await machine.run(words, { stdin: plan });
    expect(made).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^Dispatched printer using shell\. Plan: 1\) .* 2\) /),
      stderr: "",
    });
    expect(await machine.run(["wait", "printer"])).toMatchObject({ code: 0 });
    const watched = await machine.run(["watch", "printer"]);
    expect(watched).toEqual({ code: 0, stdout: "printer  completed  2/2\n", stderr: "" });
    const logs = await machine.run(["logs", "printer"]);
    expect(logs.stdout).toContain("red ␛[31m");
    expect(logs.stdout).not.toContain("\u001b");
    const lines = (await machine.run(["logs", "printer", "--json"])).stdout.trimEnd().split("\n");
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty("position");
    expect((await machine.run(["status", "printer"])).stdout).toContain("[x]");
    expect(await machine.run(["result", "printer"])).toMatchObject({ code: 0 });
    expect((await machine.run(["tasks"])).stdout).toContain("printer");
    expect((await machine.run(["completions", "ids"])).stdout).toBe("printer\n");
  });

  test("a name that tasks of two folders have is told with the folders", async () => {
    const folders = ["one", "two"].map((name) => join(machine.folder, name));
    for (const folder of folders) {
      mkdirSync(folder);
      await machine.run([
        "run",
        "true",
        "--agent",
        "shell",
        "--name",
        "same",
        "--workspace",
        folder,
        "--wait",
      ]);
    }
    const { code, stderr } = await machine.run(["status", "same"]);
    expect(code).toBe(3);
    for (const folder of folders) expect(stderr).toContain(`same in ${folder}\n`);
  });

  test("run --wait fails with its task", async () => {
    const made = await machine.run(["run", "break", "--agent", "shell", "--plan", "-", "--wait"], {
      stdin: "1) `false` break\n",
    });
    expect(made.code).toBe(1);
    expect(made.stdout).toContain("the agent failed");
  });

  test("the same idempotency key makes one task", async () => {
    const words = ["run", "once", "--agent", "shell", "--idempotency-key", "k1", "--json"];
    const [first, second] = [await machine.run(words), await machine.run(words)];
    const idOf = (text: string) => (JSON.parse(text) as { task: { id: string } }).task.id;
    expect(idOf(second.stdout)).toBe(idOf(first.stdout));
    await machine.run(["wait", idOf(first.stdout)]); // so that its end is not what the next wait finds
  });

  test("a wait whose time is over says so", async () => {
    const { code, stderr } = await machine.run(["wait", "--any", "--timeout", "200ms"]);
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("nothing happened within 200ms"),
    });
  });

  test("Ctrl-C ends a watch with 130", async () => {
    const words = [
      process.execPath,
      "--no-env-file",
      "--config=/dev/null",
      join(import.meta.dir, "../main.ts"),
      "watch",
      "--json",
    ];
    await machine.run(["run", "nap", "--agent", "shell", "--plan", "-", "--name", "nap"], {
      stdin: "1) `sleep 30` nap\n",
    });
    const child = Bun.spawn(words, { env: machine.environment, stdout: "pipe" });
    await child.stdout.getReader().read();
    child.kill("SIGINT");
    expect(await child.exited).toBe(130);
    expect((await machine.run(["cancel", "nap"])).code).toBe(0);
    expect((await machine.run(["wait", "nap"])).code).toBe(1);
  });

  test("a terminal gets a picture of its width that is drawn over, and nothing that a worker wrote as a command", async () => {
    const plan = "1) `sleep 0.3` wait a little longer than a line is wide\n2) `true` \u001b[2J\n";
    await machine.run(["run", "draw", "--agent", "shell", "--plan", "-", "--name", "draw"], { stdin: plan });
    let seen = "";
    const child = Bun.spawn([...SELF, "watch", "draw"], {
      env: { ...machine.environment, TERM: "xterm" },
      terminal: { cols: 30, rows: 10, data: (_, bytes) => (seen += bytes.toString()) },
    });
    expect(await child.exited).toBe(0);
    expect(seen).toContain("\u001b[3A\u001b[0J");
    expect(seen).toContain("\u001b[32mcompleted\u001b[0m");
    expect(seen).not.toContain("\u001b[2J");
    for (const line of Bun.stripANSI(seen).split("\r\n"))
      expect(Bun.stringWidth(line)).toBeLessThanOrEqual(30);
  });

  test("a watched plan that is longer than the terminal shows what is open, also in a terminal that has grown", async () => {
    const steps = Array.from({ length: 12 }, (_, n) => `${n + 1}) \`true\` step ${n + 1}\n`).join("");
    const plan = `${steps}13) \`until test -e go; do sleep 0.05; done\` last\n`;
    await machine.run(["run", "long", "--agent", "shell", "--plan", "-", "--name", "long"], { stdin: plan });
    let seen = "";
    const open = Promise.withResolvers<void>();
    const child = Bun.spawn([...SELF, "watch", "long"], {
      env: { ...machine.environment, TERM: "xterm" },
      terminal: {
        cols: 40,
        rows: 8,
        data: (_, bytes) => {
          seen += bytes.toString();
          if (/12\/13\r\n  \[ \] .until/.test(Bun.stripANSI(seen))) open.resolve();
        },
      },
    });
    await open.promise;
    child.terminal!.resize(40, 30);
    await Bun.write(join(machine.folder, "go"), "");
    expect(await child.exited).toBe(0);
    const last = Bun.stripANSI(seen).split("13/13\r\n").at(-1)!;
    expect(last.trimEnd().split("\r\n")).toHaveLength(13);
  });

  test("a reader that leaves is no failure", async () => {
    const script = `${process.execPath} --no-env-file --config=/dev/null ${join(import.meta.dir, "../main.ts")} --help | true; echo "\${PIPESTATUS[0]}"`;
    const child = Bun.spawn(["bash", "-c", script], {
      env: machine.environment,
      stdout: "pipe",
      stderr: "pipe",
    });
    expect(await new Response(child.stdout).text()).toBe("0\n");
    expect(await new Response(child.stderr).text()).toBe("");
  });

  test("restart brings another process, stop leaves none", async () => {
    const pidOf = async () =>
      (JSON.parse((await machine.run(["daemon", "status", "--json"])).stdout) as { pid: number }).pid;
    const before = await pidOf();
    expect((await machine.run(["daemon", "restart"])).code).toBe(0);
    expect(await pidOf()).not.toBe(before);
    expect(await machine.run(["daemon", "stop"])).toMatchObject({ code: 0 });
    expect((await machine.run(["daemon", "status"])).code).toBe(6);
    expect((await machine.run(["daemon", "stop"])).stdout).toBe("The daemon was not running.\n");
  });
});
