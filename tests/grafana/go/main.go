// Reads statements from standard input, a JSON string a line, and asks them of a ClickHouse server over HTTP with the
// driver and the settings of Grafana's data source plugin. Prints one JSON object a line.
package main

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"reflect"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

const shown = 20

type answer struct {
	Names []string `json:"names"`
	Types []string `json:"types"`
	N     int      `json:"n"`
	Rows  [][]any  `json:"rows"`
	Error string   `json:"error"`
}

func main() {
	db := clickhouse.OpenDB(&clickhouse.Options{
		Addr:        []string{os.Args[1]},
		Protocol:    clickhouse.HTTP,
		Compression: &clickhouse.Compression{Method: clickhouse.CompressionGZIP},
		Auth:        clickhouse.Auth{Database: "caseclock", Username: "caseclock_reader"},
		DialTimeout: 10 * time.Second,
		ReadTimeout: 30 * time.Second,
	})
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if err := db.PingContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "ping:", err)
		os.Exit(1)
	}
	lines, out := bufio.NewReader(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var statement string
		if err := json.Unmarshal(line, &statement); err != nil {
			fmt.Fprintln(os.Stderr, "no JSON string:", err)
			os.Exit(1)
		}
		told, err := ask(ctx, db, statement)
		if err != nil {
			told.Error = err.Error()
		}
		if err := out.Encode(told); err != nil {
			fmt.Fprintln(os.Stderr, "encode:", err)
			os.Exit(1)
		}
	}
}

func ask(ctx context.Context, db *sql.DB, statement string) (answer, error) {
	told := answer{Names: []string{}, Types: []string{}, Rows: [][]any{}}
	rows, err := db.QueryContext(ctx, statement)
	if err != nil {
		return told, err
	}
	defer rows.Close()
	columns, err := rows.ColumnTypes()
	if err != nil {
		return told, err
	}
	for _, column := range columns {
		told.Names = append(told.Names, column.Name())
		told.Types = append(told.Types, column.DatabaseTypeName())
	}
	for rows.Next() {
		values := make([]any, len(columns))
		for at, column := range columns {
			values[at] = reflect.New(column.ScanType()).Interface()
		}
		if err := rows.Scan(values...); err != nil {
			return told, err
		}
		told.N++
		if told.N <= shown {
			row := make([]any, len(values))
			for at, value := range values {
				row[at] = plain(reflect.ValueOf(value).Elem())
			}
			told.Rows = append(told.Rows, row)
		}
	}
	return told, rows.Err()
}

// plain makes a value fit for JSON: moments in UTC, what has words of its own as they are.
func plain(value reflect.Value) any {
	if !value.IsValid() {
		return nil
	}
	if value.Kind() == reflect.Pointer || value.Kind() == reflect.Interface {
		if value.IsNil() {
			return nil
		}
		return plain(value.Elem())
	}
	switch known := value.Interface().(type) {
	case time.Time:
		return known.UTC().Format("2006-01-02T15:04:05.000000000Z")
	case fmt.Stringer:
		return known.String()
	}
	switch value.Kind() {
	case reflect.Float32, reflect.Float64:
		if number := value.Float(); math.IsNaN(number) || math.IsInf(number, 0) {
			return fmt.Sprint(number)
		}
	case reflect.Slice, reflect.Array:
		items := make([]any, value.Len())
		for at := range items {
			items[at] = plain(value.Index(at))
		}
		return items
	case reflect.Map:
		items := map[string]any{}
		for _, key := range value.MapKeys() {
			items[fmt.Sprint(key.Interface())] = plain(value.MapIndex(key))
		}
		return items
	}
	return value.Interface()
}
