/** One server-sent event: `event` names it where the format does so, `data` is JSON, or text as it is. */
export interface ServerEvent {
  event?: string;
  data: object | string;
}

/** A text/event-stream response; the events stop being made as soon as the client goes away. */
export function eventStream(events: AsyncIterator<ServerEvent>): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await events.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(frame(value)));
    },
    async cancel() {
      await events.return?.();
    },
  });
  return new Response(body, {
    headers: { "content-type": "text/event-stream", "cache-control": "no-cache" },
  });
}

function frame({ event, data }: ServerEvent): string {
  const name = event === undefined ? "" : `event: ${event}\n`;
  return `${name}data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
}

/** The text in the pieces that it is streamed in: whole, or word by word over `overMs` milliseconds. */
export async function* pieces(text: string, overMs: number): AsyncGenerator<string> {
  if (text === "") return;
  const words = overMs > 0 ? (text.match(/\S+\s*/g) ?? []) : [text];
  for (const word of words) {
    yield word;
    if (overMs > 0) await Bun.sleep(overMs / words.length);
  }
}
