import { DispatchError } from "../../base/error.ts";
import { VERSION } from "../../base/version.ts";
import type { Finding } from "../../protocol/finding.ts";
import { command, type Context } from "../command.ts";
import { EXIT } from "../exit.ts";
import { examineMachine } from "../machine.ts";
import type { Look } from "../output.ts";

export const doctor = command({
  operands: [],
  details:
    "Looks at this machine, the daemon, the configuration and every agent; exit code 1 where something does not work.",
  flags: {},
  async run(context) {
    const findings = await examine(context);
    await context.output.show({ findings }, (view, look) =>
      view.findings.map((each) => line(each, look)).join("\n"),
    );
    return findings.some((each) => each.state === "bad") ? EXIT.failed : EXIT.done;
  },
});

async function examine(context: Context): Promise<Finding[]> {
  const { home } = context.local;
  const own: Finding[] = [
    { about: "dispatch", state: "good", text: `${VERSION}, home ${home}`, hint: null },
    ...examineMachine(home, context.environment),
  ];
  try {
    const [daemon, { findings }] = await Promise.all([
      daemonFindings(context),
      context.client.call("doctor", {}, {}),
    ]);
    const told = new Set(findings.map(({ text }) => text)); // a fault of the config is a notice of the daemon too
    return [...own, ...daemon.filter(({ text }) => !told.has(text)), ...findings];
  } catch (error) {
    if (!(error instanceof DispatchError)) throw error;
    return [...own, { about: "daemon", state: "bad", text: error.message, hint: error.hint ?? null }];
  }
}

async function daemonFindings({ client }: Context): Promise<Finding[]> {
  const { version, workers, notices, port } = await client.call("health", {}, {});
  const { running, queued, limit } = workers;
  const other = version !== VERSION;
  const text = `version ${version}, ${running} of ${limit} workers, ${queued} queued`;
  const taken = port === null ? "dispatch config set web.port <port>, then dispatch daemon restart" : null;
  return [
    { about: "daemon", state: other ? "note" : "good", text, hint: other ? "dispatch daemon restart" : null },
    ...notices.map((notice): Finding => ({ about: "daemon", state: "note", text: notice, hint: taken })),
  ];
}

function line(finding: Finding, look: Look): string {
  const mark = {
    good: look.colour("green", "ok  "),
    note: look.colour("yellow", "note"),
    bad: look.colour("red", "bad "),
  };
  const hint = finding.hint === null ? "" : look.dim(` (${finding.hint})`);
  return `${mark[finding.state]} ${finding.about}: ${finding.text}${hint}`;
}
