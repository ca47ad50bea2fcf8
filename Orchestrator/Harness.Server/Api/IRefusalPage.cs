namespace Harness.Server.Api;

/// <summary>Shows a refusal to people in front of a browser.</summary>
internal interface IRefusalPage
{
    Task Write(HttpContext context, Problem problem);
}
