import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { TERMINAL_FORMS } from "../catalog.ts";
import { Stage } from "../contract-stage.ts";
import { StartError } from "../driver.ts";
import { openTerminal } from "./stage.fixture.ts";

const CLAUDE = TERMINAL_FORMS.find(({ agent }) => agent === "claude-terminal")!;

describe("a program in a terminal", () => {
  test("draws what it is told, on a screen of its own", async () => {
    await using stage = new Stage();
    const { terminal, shows } = await openTerminal(stage, CLAUDE);
    await shows(">");
    await terminal.write("hello\r");
    await shows("you: hello");
    expect(terminal.screen()).toMatchObject({ bracketedPaste: true, alternate: false });
    await terminal.write("scripted: size\r");
    await shows("80x24");
    await terminal.write("scripted: environment TERM\r");
    await shows("TERM=xterm-256color");
  });

  test("has the cursor and the alternate screen as the program has them", async () => {
    await using stage = new Stage();
    const { terminal, shows } = await openTerminal(stage, CLAUDE, {
      environment: { SCRIPTED_SCREEN: "alternate" },
    });
    await shows(">");
    await terminal.write("four");
    await shows("> four");
    expect(terminal.screen()).toMatchObject({ alternate: true, cursor: { row: 1, column: 6 } });
  });

  test("takes a megabyte as one piece", async () => {
    await using stage = new Stage();
    const { agent, terminal, shows } = await openTerminal(stage, CLAUDE);
    await shows(">");
    const line = "words of one line\n";
    const text = `${line.repeat(1024 * 64 - 1)}scripted: text it is all here`;
    await agent.prompt(text);
    await shows("it is all here");
    await terminal.write("scripted: recall\r");
    await shows("turns 2");
  });

  test("goes on in its conversation", async () => {
    await using stage = new Stage();
    const first = await openTerminal(stage, CLAUDE);
    await first.shows(">");
    await first.agent.prompt("hello");
    await first.shows("you: hello");
    await first.agent.close();
    expect((await first.agent.closed).exitCode).toBeNull();
    const next = await openTerminal(stage, CLAUDE, { resume: first.agent.id });
    expect(next.agent).toMatchObject({ id: first.agent.id, resumed: true, resumable: true });
    await next.shows(">");
    await next.agent.prompt("scripted: recall");
    await next.shows("turns 2");
  });

  test("says with which code it ended, and what it showed last", async () => {
    await using stage = new Stage();
    const { agent, shows } = await openTerminal(stage, CLAUDE, {
      command: ["sh", "-c", "echo no such model; exit 4"],
    });
    await shows("no such model");
    expect(await agent.closed).toEqual({ exitCode: 4, message: "no such model" });
  });

  test("is missed where there is no such program", async () => {
    await using stage = new Stage();
    const failure = await openTerminal(stage, CLAUDE, { command: [join(stage.home, "nowhere")] }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(StartError);
    expect(failure).toMatchObject({ reason: "missing" });
  });

  test("answers a program that asks its terminal what it is", async () => {
    await using stage = new Stage();
    const ask = `stty raw -echo; printf '\\033[6n'; head -c 6 | od -c | head -1; sleep 300`;
    const { shows } = await openTerminal(stage, CLAUDE, { command: ["sh", "-c", ask] });
    await shows("[   1   ;   1   R");
  });
});
