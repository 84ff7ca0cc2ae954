using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace OneRing.Data.Database;

/// <summary>Rules that stand in the database itself, in SQL that both databases read alike.</summary>
internal static class Checks
{
    public static void HasLength<T>(this TableBuilder<T> table, string column, int least, int most)
        where T : class =>
        table.HasCheckConstraint($"ck_{table.Name}_{column}_length", $"length({column}) between {least} and {most}");

    public static void HasRule<T>(this TableBuilder<T> table, string name, string sql)
        where T : class =>
        table.HasCheckConstraint($"ck_{table.Name}_{name}", sql);

    /// <summary>The column holds one of the names of an enum, in snake case.</summary>
    public static void HasNameOf<TEnum, T>(this TableBuilder<T> table, string column)
        where T : class
        where TEnum : struct, Enum =>
        table.HasCheckConstraint(
            $"ck_{table.Name}_{column}",
            $"{column} in ({string.Join(", ", Enum.GetValues<TEnum>().Select(value => $"'{EnumNames.NameOf(value)}'"))})");
}

internal sealed class EnumNameConverter<TEnum>() : ValueConverter<TEnum, string>(value => EnumNames.NameOf(value), name => EnumNames.ValueOf<TEnum>(name))
    where TEnum : struct, Enum;
