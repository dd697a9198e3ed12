import type { ExecRow } from "../agent-row.ts";
import type { DriverInput } from "../driver.ts";
import { serverSetting } from "./server-setting.ts";

/** One run of the command: its words, its environment, and what it reads. */
export interface Invocation {
  readonly command: string[];
  readonly environment: Record<string, string>;
  /** What its standard input holds; empty where the prompt is an argument. */
  readonly input: string;
}

/** @param resume the conversation to go on with, or null for a new one */
export function invocation(
  row: ExecRow,
  { launch, workerTools }: DriverInput,
  { prompt, resume }: { prompt: string; resume: string | null },
): Invocation {
  const setting = serverSetting(row.server, workerTools);
  const command = [
    ...launch.command,
    ...setting.arguments,
    ...(resume === null || row.resume === null ? [] : [...row.resume, resume]),
    ...(launch.model === null || row.model === null ? [] : [row.model, launch.model]),
  ];
  const environment = { ...launch.environment, ...setting.environment };
  if (row.input.by === "argument") return { command: [...command, prompt], environment, input: "" };
  const marker = row.input.marker === undefined ? [] : [row.input.marker];
  return { command: [...command, ...marker], environment, input: prompt };
}
