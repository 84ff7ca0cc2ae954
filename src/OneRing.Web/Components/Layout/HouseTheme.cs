using MudBlazor;

namespace OneRing.Web.Components.Layout;

/// <summary>The typefaces and shapes of MudBlazor's parts. Their colours stand in styles/house.css, for static pages need them too.</summary>
internal static class HouseTheme
{
    private static readonly string[] Sans = ["Source Sans 3", "system-ui", "Segoe UI", "Noto Sans", "sans-serif"];
    private static readonly string[] Serif = ["Source Serif 4", "Charter", "Georgia", "Noto Serif", "serif"];

    public static MudTheme Value { get; } = new()
    {
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "6px" },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = Sans, FontSize = "1.0625rem", LineHeight = "1.5", LetterSpacing = "normal" },
            H1 = new H1Typography { FontFamily = Serif, FontSize = "2rem", FontWeight = "600", LineHeight = "1.2", LetterSpacing = "-0.01em" },
            H2 = new H2Typography { FontFamily = Serif, FontSize = "1.5rem", FontWeight = "600", LineHeight = "1.25", LetterSpacing = "normal" },
            H3 = new H3Typography { FontFamily = Serif, FontSize = "1.25rem", FontWeight = "600", LineHeight = "1.3", LetterSpacing = "normal" },
            H4 = new H4Typography { FontFamily = Serif, FontSize = "1.125rem", FontWeight = "600", LineHeight = "1.35", LetterSpacing = "normal" },
            H5 = new H5Typography { FontFamily = Sans, FontSize = "1.0625rem", FontWeight = "600", LineHeight = "1.4", LetterSpacing = "normal" },
            H6 = new H6Typography { FontFamily = Sans, FontSize = "1.0625rem", FontWeight = "600", LineHeight = "1.4", LetterSpacing = "normal" },
            Subtitle1 = new Subtitle1Typography { FontFamily = Sans, FontSize = "1.0625rem", LetterSpacing = "normal" },
            Subtitle2 = new Subtitle2Typography { FontFamily = Sans, FontSize = "0.9375rem", FontWeight = "600", LetterSpacing = "normal" },
            Body1 = new Body1Typography { FontFamily = Sans, FontSize = "1.0625rem", LineHeight = "1.5", LetterSpacing = "normal" },
            Body2 = new Body2Typography { FontFamily = Sans, FontSize = "0.9375rem", LineHeight = "1.5", LetterSpacing = "normal" },
            Button = new ButtonTypography { FontFamily = Sans, FontSize = "1rem", FontWeight = "600", LineHeight = "1.5", LetterSpacing = "normal", TextTransform = "none" },
            Caption = new CaptionTypography { FontFamily = Sans, FontSize = "0.875rem", LineHeight = "1.45", LetterSpacing = "normal" },
            Overline = new OverlineTypography { FontFamily = Sans, FontSize = "0.875rem", LineHeight = "1.45", LetterSpacing = "normal" },
        },
    };
}
