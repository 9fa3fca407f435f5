import type { ServerState } from "../state/server-state.ts";

export interface Health {
  /** 200, or 503 while no request can be answered. */
  httpStatus: 200 | 503;
  body: { status: "ok" | "degraded" | "loading" | "stopping"; modx?: Record<string, unknown> };
}

/** What `/health` says. `detailed` is for those who may use the API: it names what runs. */
export function healthOf(state: ServerState, detailed: boolean): Health {
  const { served, stopping, alertFailure, lostAlerts } = state;
  if (stopping || served === null) return { httpStatus: 503, body: { status: stopping ? "stopping" : "loading" } };
  const status = alertFailure === null ? "ok" : "degraded";
  if (!detailed) return { httpStatus: 200, body: { status } };
  const { guard, name } = served;
  const modx = {
    model: name,
    packs: guard.packs.map((pack, index) => ({
      name: pack.manifest.name,
      sha256: pack.sha256,
      fit: guard.fits[index]?.level ?? "incompatible",
      reasons: guard.fits[index]?.reasons ?? [],
    })),
    policy: guard.policy.action,
    hold: guard.policy.hold,
    lostAlerts,
    degraded: alertFailure === null ? [] : [alertFailure],
  };
  return { httpStatus: 200, body: { status, modx } };
}
