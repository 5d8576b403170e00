package dialect

import (
	"fmt"
	"strconv"
	"strings"
)

var aggregates = aggregateFunctions()

func aggregateFunctions() map[string]special {
	table := map[string]special{
		"COUNT": {1, 1, func(_ *parser, c *callArgs) expr {
			if c.star {
				return plain("count(*)%s", c.over)
			}
			return plain("count(%s)%s", c.distinctArg(), c.over)
		}},
		"COUNTIF": {1, 1, func(p *parser, c *callArgs) expr {
			if c.distinct {
				p.refuse(c.args[0].pos, "COUNTIF(DISTINCT)")
			}
			return plain("count(*) FILTER (WHERE %s)%s", c.args[0].sql, c.over)
		}},
		"SUM": {1, 1, func(_ *parser, c *callArgs) expr {
			return plain("bq_sum(sum(%s)%s)", c.distinctArg(), c.over)
		}},
		"AVG": {1, 1, func(_ *parser, c *callArgs) expr {
			return plain("bq_avg(sum(%s)%s, count(%s)%s)", c.distinctArg(), c.over, c.distinctArg(), c.over)
		}},
		"ANY_VALUE": {1, 1, func(_ *parser, c *callArgs) expr {
			switch c.having {
			case "MAX":
				return plain("arg_max(%s, %s)%s", c.args[0].sql, c.havingBy, c.over)
			case "MIN":
				return plain("arg_min(%s, %s)%s", c.args[0].sql, c.havingBy, c.over)
			}
			return plain("any_value(%s)%s", c.args[0].sql, c.over)
		}},
		"ARRAY_AGG":  {1, 1, arrayAgg},
		"STRING_AGG": {1, 2, stringAgg},
		"ARRAY_CONCAT_AGG": {1, 1, func(_ *parser, c *callArgs) expr {
			return plain("flatten(array_agg(%s%s)%s)", c.args[0].sql, c.orderBy, c.over)
		}},
		"APPROX_QUANTILES": {2, 2, func(p *parser, c *callArgs) expr {
			n, err := strconv.Atoi(c.args[1].integer)
			if err != nil || n < 1 || n > 1000 {
				p.fail(c.args[1].pos, "APPROX_QUANTILES expects a literal number of quantiles of 1 to 1000")
			}
			points := make([]string, 0, n+1)
			for i := range n + 1 {
				points = append(points, fmt.Sprintf("%d.0/%d", i, n))
			}
			return plain("quantile_disc(%s, [%s])%s", c.distinctArg(), strings.Join(points, ", "), c.over)
		}},
		"PERCENTILE_CONT": {2, 2, percentile("quantile_cont")}, "PERCENTILE_DISC": {2, 2, percentile("quantile_disc")},
		"GROUPING": {1, 1, aggregate("grouping")},
	}
	// Aggregates and window functions of the same meaning in both dialects.
	for name, duck := range map[string]string{
		"MIN": "min", "MAX": "max", "LOGICAL_AND": "bool_and", "LOGICAL_OR": "bool_or",
		"STDDEV": "stddev_samp", "STDDEV_SAMP": "stddev_samp", "STDDEV_POP": "stddev_pop",
		"VARIANCE": "var_samp", "VAR_SAMP": "var_samp", "VAR_POP": "var_pop",
		"BIT_AND": "bit_and", "BIT_OR": "bit_or", "BIT_XOR": "bit_xor",
	} {
		table[name] = special{1, 1, aggregate(duck)}
	}
	table["APPROX_COUNT_DISTINCT"] = special{1, 1, func(_ *parser, c *callArgs) expr {
		return plain("count(DISTINCT %s)%s", c.args[0].sql, c.over)
	}}
	for name, duck := range map[string]string{"MAX_BY": "arg_max", "MIN_BY": "arg_min", "CORR": "corr", "COVAR_POP": "covar_pop", "COVAR_SAMP": "covar_samp"} {
		table[name] = special{2, 2, aggregate(duck)}
	}
	for _, name := range []string{"ROW_NUMBER", "RANK", "DENSE_RANK", "PERCENT_RANK", "CUME_DIST"} {
		table[name] = special{0, 0, window(strings.ToLower(name))}
	}
	for name, high := range map[string]int{"NTILE": 1, "LAG": 3, "LEAD": 3, "FIRST_VALUE": 1, "LAST_VALUE": 1, "NTH_VALUE": 2} {
		table[name] = special{1, high, window(strings.ToLower(name))}
	}
	return table
}

// distinctArg is the first argument with its DISTINCT.
func (c *callArgs) distinctArg() string {
	if c.distinct {
		return "DISTINCT " + c.args[0].value()
	}
	return c.args[0].value()
}

func aggregate(duck string) func(*parser, *callArgs) expr {
	return func(p *parser, c *callArgs) expr {
		if c.orderBy != "" || c.limit != "" || c.having != "" || c.ignoreNulls {
			p.refuse(c.args[0].pos, "modifiers of "+duck)
		}
		distinct := ""
		if c.distinct {
			distinct = "DISTINCT "
		}
		return plain("%s(%s%s)%s", duck, distinct, strings.Join(c.sql(), ", "), c.over)
	}
}

func window(duck string) func(*parser, *callArgs) expr {
	return func(p *parser, c *callArgs) expr {
		if c.over == "" {
			p.fail(p.cur().Pos, "Window function %s requires an OVER clause", strings.ToUpper(duck))
		}
		nulls := ""
		if c.ignoreNulls {
			nulls = " IGNORE NULLS"
		}
		return plain("%s(%s%s)%s", duck, strings.Join(c.sql(), ", "), nulls, c.over)
	}
}

func percentile(duck string) func(*parser, *callArgs) expr {
	return func(p *parser, c *callArgs) expr {
		if c.over == "" {
			p.fail(p.cur().Pos, "Window function PERCENTILE requires an OVER clause")
		}
		x := c.args[0].sql
		if duck == "quantile_cont" {
			x = "CAST(" + x + " AS DOUBLE)"
		}
		return plain("%s(%s, %s)%s", duck, x, c.args[1].sql, c.over)
	}
}

func arrayAgg(p *parser, c *callArgs) expr {
	filter := ""
	if c.ignoreNulls {
		filter = fmt.Sprintf(" FILTER (WHERE %s IS NOT NULL)", c.args[0].sql)
	}
	list := fmt.Sprintf("array_agg(%s%s)%s%s", c.distinctArg(), c.orderBy, filter, c.over)
	if c.limit != "" {
		list = fmt.Sprintf("list_slice(%s, 1, %s)", list, c.limit)
	}
	return expr{sql: list}
}

func stringAgg(_ *parser, c *callArgs) expr {
	delimiter := "','"
	if len(c.args) == 2 {
		delimiter = c.args[1].sql
	}
	if c.limit == "" {
		return plain("string_agg(%s, %s%s)%s", c.distinctArg(), delimiter, c.orderBy, c.over)
	}
	return plain("array_to_string(list_slice(array_agg(%s%s) FILTER (WHERE %s IS NOT NULL)%s, 1, %s), %s)",
		c.distinctArg(), c.orderBy, c.args[0].sql, c.over, c.limit, delimiter)
}
