/** An alarm was raised, or a finding is above its threshold. */
export const EXIT_ALARM = 3;
