namespace EdgeInference.Inference.Swapping;

/// <summary>What became of a model that was to take the place of another one.</summary>
/// <param name="Refusal">Why it was refused, for people; null where it is in use now.</param>
public sealed record SwapOutcome(string? Refusal);
