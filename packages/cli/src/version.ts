/** Version of the packages, kept equal by a test. */
export const version = "0.1.0";
