namespace Signalbox.Events.EventBridge;

/// <summary>Where an Amazon EventBridge registration delivers: a region and an account.</summary>
/// <param name="Region">Such as <c>eu-west-1</c>.</param>
/// <param name="AccountId">12 digits.</param>
public sealed record EventBridgeDestination(string Region, string AccountId);
