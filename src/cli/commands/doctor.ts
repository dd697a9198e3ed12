import { DispatchError } from "../../base/error.ts";
import { VERSION } from "../../base/version.ts";
import { command, type Context } from "../command.ts";
import { EXIT } from "../exit.ts";
import type { Look } from "../output.ts";

interface Finding {
  about: string;
  state: "good" | "note" | "bad";
  text: string;
  hint: string | null;
}

export const doctor = command({
  operands: [],
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
  const program = good("dispatch", `${VERSION}, home ${context.local.home}`);
  try {
    return [
      program,
      ...(await daemonFindings(context)),
      ...(await configFindings(context)),
      ...(await agentFindings(context)),
    ];
  } catch (error) {
    if (!(error instanceof DispatchError)) throw error;
    return [program, { about: "daemon", state: "bad", text: error.message, hint: error.hint ?? null }];
  }
}

async function daemonFindings({ client }: Context): Promise<Finding[]> {
  const health = await client.call("health", {}, {});
  const { running, queued, limit } = health.workers;
  const other = health.version !== VERSION;
  return [
    {
      about: "daemon",
      state: other ? "note" : "good",
      text: `version ${health.version}, ${running} of ${limit} workers, ${queued} queued`,
      hint: other ? "dispatch daemon restart" : null,
    },
    ...health.notices.map((text): Finding => ({ about: "daemon", state: "note", text, hint: null })),
  ];
}

async function configFindings({ client }: Context): Promise<Finding[]> {
  const { path } = await client.call("getConfig", {}, {});
  const { models } = await client.call("listModels", {}, {});
  const chosen = models.find((each) => each.isDefault);
  if (!chosen)
    return [
      {
        about: "config",
        state: "bad",
        text: `${path}: no default model`,
        hint: "dispatch models default <name>",
      },
    ];
  if (!chosen.available)
    return [
      {
        about: "config",
        state: "bad",
        text: `the default model ${chosen.name} needs ${chosen.agent}, which is not installed`,
        hint: "dispatch models default <name>",
      },
    ];
  return [good("config", `${path}, default model ${chosen.name}`)];
}

async function agentFindings({ client }: Context): Promise<Finding[]> {
  const { agents } = await client.call("listAgents", {}, {});
  return agents.map((each): Finding => {
    const text = each.problem ?? (each.installed ? (each.version ?? "installed") : "not installed");
    return { about: each.agent, state: each.problem === null ? "good" : "note", text, hint: each.hint };
  });
}

function good(about: string, text: string): Finding {
  return { about, state: "good", text, hint: null };
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
