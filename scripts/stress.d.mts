/** What became of a stress run's requests; memory in bytes. */
export interface StressResult {
  requests: number;
  ok: number;
  coded: number;
  stuck: number;
  wrong_rows: number;
  rss_start: number;
  rss_end: number;
}

export function stress(requests: number, onProgress?: (done: number, total: number) => void): Promise<StressResult>;
export function passed(result: StressResult): boolean;
