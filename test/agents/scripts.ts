import { marker, type Script, type Step } from "./model/script.ts";

/** What a hanging command leaves when it runs: the pid of a process that left its group and ignores SIGTERM. */
export const PID_FILE = "pid";
/** A pipe that a waiting command reads: whoever writes a line to it lets the command end. */
export const GATE_FILE = "gate";

const finish: Step[] = [
  { calls: [{ do: "mcp", tool: "finish", input: { summary: "all is done", files: [] } }] },
  { text: "That was all." },
];

function ask(question: string): Step {
  return { calls: [{ do: "mcp", tool: "ask", input: { question, options: ["red", "blue"] } }] };
}

function tick(item: number, mark: string, note?: string): Step {
  return {
    calls: [{ do: "mcp", tool: "plan_update", input: { items: [{ item, mark, ...(note && { note }) }] } }],
  };
}

function shell(command: string): Step {
  return { calls: [{ do: "shell", command }] };
}

function write(path: string, content: string): Step {
  return { calls: [{ do: "write", path, content }] };
}

const SLEEPER = [
  `perl -e '$SIG{TERM} = "IGNORE"; open F, ">$ARG/${PID_FILE}.new"; print F $$; close F;`,
  `rename "$ARG/${PID_FILE}.new", "$ARG/${PID_FILE}"; select undef, undef, undef, 600'`,
].join(" ");

/** Hangs once; made again, it finds that it was made. */
const hang = shell(`[ -e $ARG/${PID_FILE} ] || setsid -w ${SLEEPER}`);

/** What the model does. The argument of a marker is a folder outside of the repository. */
export const SCRIPTS = {
  edit: [
    write("notes.txt", "first\n"),
    tick(1, "done"),
    { calls: [{ do: "read", path: "readme.txt" }] },
    { calls: [{ do: "edit", path: "readme.txt", old: "hello", new: "goodbye" }] },
    shell("sed -i 's/\\[ \\] change it/[x] change it/' .dispatch/tasks/*/plan.md"),
    ...finish,
  ],
  beside: [write("here.txt", "here\n"), write("$ARG/there.txt", "there\n"), ...finish],
  ask: [ask("Which colour?"), write("colour.txt", "$RESULT"), ...finish],
  park: [ask("Which colour?"), { text: "I wait." }, write("colour.txt", "$ANSWER"), ...finish],
  blocked: [
    tick(1, "blocked", "Which colour?"),
    { text: "I wait." },
    write("colour.txt", "$ANSWER"),
    tick(1, "done"),
    ...finish,
  ],
  hang: [hang, write("done.txt", "done\n"), ...finish],
  hangLater: [{ text: "First I think." }, hang, write("done.txt", "done\n"), tick(1, "done"), ...finish],
  gated: [
    shell(`echo $$ > $ARG/${PID_FILE}; cat $ARG/${GATE_FILE}; true`), // a shell that becomes its last command cannot be read meanwhile
    write("done.txt", "$RESULT"),
    ...finish,
  ],
  say: [{ text: "Hello." }],
  recall: [{ text: "turns $MARKERS" }],
  twelve: [
    { calls: [{ do: "read", path: "readme.txt" }] },
    { calls: [{ do: "read", path: "/etc/hosts" }] },
    { calls: [{ do: "list", path: "." }] },
    { calls: [{ do: "search", path: ".", pattern: "hello" }] },
    shell("ls"),
    shell("echo hello"),
    { calls: [{ do: "shell", command: "touch made.txt", unconfined: true }] },
    { calls: [{ do: "shell", command: "echo x > $ARG/outside.txt", unconfined: true }] },
    write("new.txt", "x\n"),
    { calls: [{ do: "edit", path: "readme.txt", old: "hello", new: "goodbye" }] },
    { calls: [{ do: "fetch", url: "http://127.0.0.1:1/" }] },
    { calls: [{ do: "plan", items: [{ text: "a", state: "pending" }] }] },
    ...finish,
  ],
  delegates: [{ calls: [{ do: "delegate", prompt: marker("inner") }] }, ...finish],
  inner: [write("inner.txt", "inner\n"), { text: "I am through." }],
  two: [write("first.txt", "first\n"), write("second.txt", "second\n"), ...finish],
} satisfies Record<string, Script>;

/** A prompt that has the model play a script. */
export function play(script: keyof typeof SCRIPTS, argument?: string): string {
  return `Please ${marker(script, argument)}`;
}
