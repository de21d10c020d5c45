// Where models answer and with which keys, by provider: what the environment says and what the clients are made from.

export interface ProviderSettings {
  "openai-wire": { baseURL: string | null; apiKey: string | null };
  sandbox: { baseURL: string | null };
}
