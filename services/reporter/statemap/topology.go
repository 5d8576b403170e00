package main

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
)

// The map's size, and what is too small to be seen on it, in tenths of a pixel.
const (
	width, height = 9750, 6100
	smallestBend  = 60  // area of the triangle that a point makes with its neighbours
	smallestRing  = 250 // area of an island
)

// topology is a TopoJSON file: https://github.com/topojson/topojson-specification.
// Neighbours share their border's arc, so that arcs simplified one by one still fit.
type topology struct {
	Transform struct{ Scale, Translate [2]float64 }
	Arcs      [][][2]int
	Objects   struct {
		States struct{ Geometries []geometry }
	}
}

type geometry struct {
	Type       string
	ID         string
	Arcs       json.RawMessage
	Properties struct{ Name string }
}

type point struct{ x, y int }

type state struct {
	code, name, path string
	at               point // the middle of its largest part
}

func (t *topology) states() ([]state, error) {
	arcs := make([][]point, len(t.Arcs))
	for i, arc := range t.Arcs {
		arcs[i] = simplify(t.decode(arc))
	}
	var states []state
	for _, g := range t.Objects.States.Geometries {
		code, ok := codes[g.ID]
		if !ok {
			continue // a territory, which lies off the map
		}
		var polygons [][][]int
		switch g.Type {
		case "Polygon":
			polygons = make([][][]int, 1)
			if err := json.Unmarshal(g.Arcs, &polygons[0]); err != nil {
				return nil, fmt.Errorf("%s: %w", code, err)
			}
		case "MultiPolygon":
			if err := json.Unmarshal(g.Arcs, &polygons); err != nil {
				return nil, fmt.Errorf("%s: %w", code, err)
			}
		default:
			return nil, fmt.Errorf("%s is a %s", code, g.Type)
		}
		states = append(states, draw(code, g.Properties.Name, arcs, polygons))
	}
	if len(states) != len(codes) {
		return nil, fmt.Errorf("%d states, want %d", len(states), len(codes))
	}
	slices.SortFunc(states, func(a, b state) int { return strings.Compare(a.code, b.code) })
	return states, nil
}

// decode adds up an arc's steps and scales them to the map.
func (t *topology) decode(arc [][2]int) []point {
	points := make([]point, len(arc))
	x, y := 0, 0
	for i, step := range arc {
		x, y = x+step[0], y+step[1]
		points[i] = point{
			int(math.Round(10 * (float64(x)*t.Transform.Scale[0] + t.Transform.Translate[0]))),
			int(math.Round(10 * (float64(y)*t.Transform.Scale[1] + t.Transform.Translate[1]))),
		}
	}
	return points
}

// simplify takes out the point that shows least until all that are left show:
// Visvalingam and Whyatt, 1993. The ends stay.
func simplify(points []point) []point {
	for len(points) > 4 {
		least, at := math.MaxInt, 0
		for i := 1; i < len(points)-1; i++ {
			if bend := doubleArea(points[i-1 : i+2]); bend < least {
				least, at = bend, i
			}
		}
		if least >= 2*smallestBend {
			break
		}
		points = slices.Delete(points, at, at+1)
	}
	return points
}

// doubleArea is twice the area that the points enclose.
func doubleArea(points []point) int {
	sum, last := 0, points[len(points)-1]
	for _, p := range points {
		sum += last.x*p.y - p.x*last.y
		last = p
	}
	return max(sum, -sum)
}

func draw(code, name string, arcs [][]point, polygons [][][]int) state {
	s := state{code: code, name: name}
	var path strings.Builder
	var rings [][]point
	for _, polygon := range polygons {
		for _, ring := range polygon {
			rings = append(rings, join(arcs, ring))
		}
	}
	slices.SortStableFunc(rings, func(a, b []point) int { return doubleArea(b) - doubleArea(a) })
	for i, ring := range rings {
		if i > 0 && doubleArea(ring) < 2*smallestRing {
			break
		}
		pen := ring[0]
		fmt.Fprintf(&path, "M%d %dl", pen.x, pen.y)
		for _, p := range ring[1 : len(ring)-1] {
			fmt.Fprintf(&path, "%d %d ", p.x-pen.x, p.y-pen.y)
			pen = p
		}
		path.WriteString("z")
	}
	s.path = strings.ReplaceAll(strings.ReplaceAll(path.String(), " z", "z"), " -", "-")
	s.at = middle(rings[0])
	return s
}

// join strings the arcs of a ring together; a negative one is walked backwards.
func join(arcs [][]point, ring []int) []point {
	var points []point
	for _, i := range ring {
		arc := arcs[max(i, ^i)]
		if i < 0 {
			arc = slices.Clone(arc)
			slices.Reverse(arc)
		}
		if len(points) > 0 {
			arc = arc[1:]
		}
		points = append(points, arc...)
	}
	return points
}

// middle is the centre of gravity of a ring.
func middle(ring []point) point {
	var area, x, y float64
	last := ring[len(ring)-1]
	for _, p := range ring {
		cross := float64(last.x*p.y - p.x*last.y)
		area += cross
		x += float64(last.x+p.x) * cross
		y += float64(last.y+p.y) * cross
		last = p
	}
	return point{int(math.Round(x / (3 * area))), int(math.Round(y / (3 * area)))}
}

// codes are the postal codes by the number that the Census Bureau gives a state.
var codes = map[string]string{
	"01": "AL", "02": "AK", "04": "AZ", "05": "AR", "06": "CA", "08": "CO", "09": "CT", "10": "DE", "11": "DC", "12": "FL",
	"13": "GA", "15": "HI", "16": "ID", "17": "IL", "18": "IN", "19": "IA", "20": "KS", "21": "KY", "22": "LA", "23": "ME",
	"24": "MD", "25": "MA", "26": "MI", "27": "MN", "28": "MS", "29": "MO", "30": "MT", "31": "NE", "32": "NV", "33": "NH",
	"34": "NJ", "35": "NM", "36": "NY", "37": "NC", "38": "ND", "39": "OH", "40": "OK", "41": "OR", "42": "PA", "44": "RI",
	"45": "SC", "46": "SD", "47": "TN", "48": "TX", "49": "UT", "50": "VT", "51": "VA", "53": "WA", "54": "WV", "55": "WI", "56": "WY",
}
