import { Box, Text, useInput, useStdout } from "ink";
import { useEffect, useState, useSyncExternalStore } from "react";
import type { Look } from "../output.ts";
import { countOf, ofTask, outsideTasks } from "./attention-list.ts";
import type { Board, Picture } from "./board.ts";
import { type Controls, type Entry, KEYS, PROMPTS } from "./controls.ts";
import { clip, headLines, type Layout, layoutOf, taskLine, windowOf, wrap } from "./layout.ts";

/** Ages are written anew this often, in milliseconds. */
const CLOCK_MS = 1_000;
/** The part of the task's rows that its plan and questions may take. */
const HEAD_SHARE = 0.6;

/** The whole screen: the list of tasks, the selected one, and a foot for keys, typing and what became of it. */
export function Screen({ board, controls, look }: { board: Board; controls: Controls; look: Look }) {
  const picture = useSyncExternalStore(board.subscribe, board.picture);
  const entry = useSyncExternalStore(controls.subscribe, controls.entry);
  const now = useClock();
  const layout = layoutOf(useSize(), picture.tasks.length);
  useInput((input, key) => controls.press(input, key, layout.taskRows));
  return (
    <Box flexDirection="column" width={layout.columns} height={layout.rows - 1}>
      <Text>{headOf(picture, look, layout.columns)}</Text>
      <Box flexDirection={layout.wide ? "row" : "column"} columnGap={3} rowGap={1}>
        <TaskList picture={picture} layout={layout} look={look} now={now} />
        <TaskPane picture={picture} layout={layout} look={look} now={now} scroll={entry.scroll} />
      </Box>
      <Box flexGrow={1} />
      <Text>{footOf(picture, entry, look, layout.columns)}</Text>
    </Box>
  );
}

interface Part {
  readonly picture: Picture;
  readonly layout: Layout;
  readonly look: Look;
  readonly now: number;
}

function TaskList({ picture, layout, look, now }: Part) {
  const { tasks, selected, attention } = picture;
  if (tasks.length === 0)
    return <Text>{clip('Nothing runs. Hand over a task: dispatch run "…"', layout.listColumns)}</Text>;
  const at = tasks.findIndex(({ id }) => id === selected?.id);
  const { from, to } = windowOf(tasks.length, at, layout.listRows);
  return (
    <Box flexDirection="column" width={layout.listColumns} height={layout.listRows}>
      {tasks.slice(from, to).map((task) => {
        const waits = countOf(ofTask(attention, task.id)) > 0;
        const text = taskLine(task, waits, { look, columns: layout.listColumns - 2, now });
        return (
          <Text key={task.id} inverse={task.id === selected?.id} wrap="truncate">
            {task.id === selected?.id ? `> ${text}` : `  ${text}`}
          </Text>
        );
      })}
    </Box>
  );
}

function TaskPane({ picture, layout, look, now, scroll }: Part & { scroll: number }) {
  const { selected, attention, lines } = picture;
  if (!selected) return null;
  const columns = layout.taskColumns;
  const rows = Math.max(1, Math.floor(layout.taskRows * HEAD_SHARE));
  const head = headLines(selected, attention, { look, columns, now, rows }).slice(0, layout.taskRows);
  const room = layout.taskRows - head.length - 1;
  const shown = scroll > 0 ? lines.slice(0, Math.max(1, lines.length - scroll)) : lines;
  const rule = look.dim(clip(`── ${picture.pane} ${"─".repeat(columns)}`, columns));
  return (
    <Box flexDirection="column" width={columns} height={layout.taskRows}>
      {[...head, ...(room > 0 ? [rule, ...wrap(shown, columns, room)] : [])].map((text, at) => (
        // oxlint-disable-next-line react/no-array-index-key -- rows of a screen have no other identity
        <Text key={at} wrap="truncate">
          {text === "" ? " " : text}
        </Text>
      ))}
    </Box>
  );
}

function headOf({ tasks, attention }: Picture, look: Look, columns: number): string {
  const waiting = countOf(attention);
  const working = tasks.filter(({ status }) => status.state === "working").length;
  const queued = tasks.filter(({ status }) => status.state === "submitted").length;
  const outside = countOf(outsideTasks(attention));
  const where = outside === 0 ? "" : `, ${outside} in sessions: dispatch inbox`;
  const needs = waiting === 0 ? "nothing needs you" : look.colour("yellow", `${waiting} need you${where}`);
  return clip(`${look.bold("dispatch")}  ${working} working, ${queued} queued, ${needs}`, columns);
}

function footOf({ said }: Picture, { asking, text }: Entry, look: Look, columns: number): string {
  if (asking) return tailOf(`${PROMPTS[asking]}${text}█`, columns);
  if (said) return clip(look.colour(said.failed ? "red" : "green", said.text), columns);
  return look.dim(clip(KEYS, columns));
}

/** The end of what is typed, where the cursor is. */
function tailOf(text: string, columns: number): string {
  return wrap([text], columns, 1)[0]!;
}

function useSize(): { columns: number; rows: number } {
  const { stdout } = useStdout();
  const [size, setSize] = useState({ columns: stdout.columns, rows: stdout.rows });
  useEffect(() => {
    const resized = () => setSize({ columns: stdout.columns, rows: stdout.rows });
    stdout.on("resize", resized);
    return () => void stdout.off("resize", resized);
  }, [stdout]);
  return size;
}

function useClock(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), CLOCK_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}
