// How the embedded servers tell what they are doing; whoever starts them decides where the lines go.

/** Takes one line, without its end, that says what happens now. `debug` is the servers' own chatter. */
export type EmbeddedLog = (level: "debug" | "info" | "warn" | "error", message: string) => void;
