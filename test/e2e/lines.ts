/** The lines that a program writes, as they come. */
export async function* linesOf(stdout: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of stdout.pipeThrough(new TextDecoderStream() as never) as ReadableStream<string>) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}
